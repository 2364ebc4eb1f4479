// The same from Java: upload a file and look at what happens, with nothing of Kotlin in sight.
import io.cdpbatch.BatchReport;
import io.cdpbatch.Client;
import io.cdpbatch.ClientOptions;
import io.cdpbatch.Operation;
import io.cdpbatch.RaiseOn;
import io.cdpbatch.Reject;
import io.cdpbatch.RunOptions;
import io.cdpbatch.RunReport;
import io.cdpbatch.Source;

public final class FromJava {
    public static void main(String[] arguments) throws InterruptedException {
        RunOptions options = RunOptions.builder().raiseOn(RaiseOn.NEVER).build();
        try (Client client = Client.fromEnv(ClientOptions.builder().run(options).build())) {
            Operation<RunReport> upload = client.startUpload(Source.path("examples/data/guests-with-faults.ndjson"));

            // Blocks; upload.future() is a CompletableFuture.
            RunReport report = upload.get();

            System.out.println(report.getCounts().getConfirmed() + " of " + report.getCounts().getRead() + " are confirmed");
            for (BatchReport batch : report.getBatches()) {
                System.out.println("one batch of " + batch.getRecords() + " records: " + batch.getStatus());
            }
            for (Reject reject : report.getRejects()) {
                System.out.println(reject.getSource() + ":" + reject.getLine() + ": " + reject.getCode());
            }
        }
    }
}
