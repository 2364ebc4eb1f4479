// Look at every refused record, and keep them in a file to fix and send again.
#include <cdp_batch.hpp>
#include <filesystem>
#include <iostream>

int main() {
  try {
    auto client = cdp_batch::Client::from_env();
    client.upload(cdp_batch::Source::path("examples/data/guests-with-faults.ndjson")).get();
    std::cout << "every record is confirmed\n";
  } catch (const cdp_batch::RecordsRejectedError &error) {
    // Whatever ended the run, what is known of it comes with the exception.
    const auto &report = *error.report();
    std::cout << error.code() << ": " << report.counts().confirmed << " of " << report.counts().read
              << " records are confirmed\n";
    for (const auto &reject : report.rejects()) {
      std::cout << reject.source() << ':' << reject.line() << ": " << reject.code() << ": " << reject.message() << '\n';
    }

    // Exactly as they were read, so that the file can be corrected and uploaded.
    auto path = std::filesystem::temp_directory_path() / "rejects.ndjson";
    std::cout << report.write_rejects(path.string()) << " rejects are written\n";
  } catch (const cdp_batch::Error &error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
