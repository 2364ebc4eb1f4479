import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * Decode NAME.gz...: writes what is in each gzip file into NAME. The file is read like a socket: available() is 0, with
 * which GZIPInputStream decides whether another member follows, and reads come short.
 */
public final class Decode {
    private static final class Socket extends FilterInputStream {
        Socket(InputStream in) {
            super(in);
        }

        @Override
        public int available() {
            return 0;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            return super.read(bytes, from, Math.min(length, 1000));
        }
    }

    public static void main(String[] names) throws IOException {
        for (String name : names) {
            InputStream file = new Socket(new BufferedInputStream(Files.newInputStream(Path.of(name))));
            try (InputStream member = new GZIPInputStream(file)) {
                Files.copy(member, Path.of(name.substring(0, name.length() - 3)));
            }
        }
    }
}
