// Push rows as they come, from a query for instance, without a file in between.
#include <cdp_batch.hpp>
#include <iostream>
#include <string>

int main() {
  try {
    auto client = cdp_batch::Client::from_env();

    // The rows are bare values. Schema and mode make records of them, and a guest's ref is made from the e-mail address, so
    // that it is the same tomorrow.
    auto writer = client.writer(R"({"schema": "guest", "mode": "upsert", "ref_field": "email"})");
    try {
      for (int number = 1; number <= 1000; ++number) {  // Stands for a database.
        std::string id = std::to_string(number);
        // Waits while the queue is full.
        writer.push(R"({"guestType": "customer", "email": "customer)" + id + R"(@example.com", )" +
                    R"("identifiers": [{"provider": "CRM", "id": "C-)" + id + R"("}]})");
      }
    } catch (const cdp_batch::ClosedError &) {
      // The run ended early, and `close` throws why.
    }
    auto report = writer.close();
    std::cout << report.counts().confirmed << " of " << report.counts().read << " rows are confirmed\n";
  } catch (const cdp_batch::Error &error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
