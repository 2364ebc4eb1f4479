// Upload a file and wait until the service has confirmed it.
#include <cdp_batch.hpp>
#include <iostream>

int main() {
  try {
    // Reads CDP_REGION (or CDP_BASE_URL), CDP_CLIENT_KEY and CDP_API_TOKEN.
    auto client = cdp_batch::Client::from_env();

    // NDJSON, a JSON array or pretty-printed JSON; plain or gzip. Every record must be confirmed, or this throws.
    auto report = client.upload(cdp_batch::Source::path("examples/data/guests.ndjson")).get();

    std::cout << report.counts().confirmed << " of " << report.counts().read << " guests are confirmed\n";
    for (const auto &batch : report.batches()) {
      std::cout << "one batch of " << batch.records << " records: " << batch.status << '\n';
    }
  } catch (const cdp_batch::Error &error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
