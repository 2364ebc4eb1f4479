// The behaviour suite's driver for C++: does what one JSON object a line asks for, through the public API, and answers the
// same way. tests/README.md describes the protocol.
#include <cdp_batch.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using nlohmann::json;

std::string from_base64(const std::string &encoded) {
  static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0, count = 0;
  for (char c : encoded) {
    std::size_t digit = digits.find(c);
    if (digit == std::string::npos) {
      break;
    }
    bits = bits << 6 | static_cast<unsigned>(digit);
    if ((count += 6) >= 8) {
      bytes.push_back(static_cast<char>(bits >> (count -= 8)));
    }
  }
  return bytes;
}

cdp_batch::Source source(const json &asked) {
  const auto &[kind, value] = *asked.items().begin();
  if (kind == "path") {
    return cdp_batch::Source::path(value.get<std::string>());
  }
  if (kind == "paths") {
    return cdp_batch::Source::paths(value.get<std::vector<std::string>>());
  }
  if (kind == "glob") {
    return cdp_batch::Source::glob(value.get<std::string>());
  }
  if (kind == "text") {
    return cdp_batch::Source::bytes(value.get<std::string>());
  }
  return cdp_batch::Source::bytes(from_base64(value.get<std::string>()));
}

json all(cdp_batch::Rejects rejects) {
  json all = json::array();
  for (const cdp_batch::Reject &reject : rejects) {
    all.push_back(json::parse(reject.json()));
  }
  return all;
}

json value(const cdp_batch::Report &report) {
  json value = json::parse(report.json());
  value["rejects"] = all(report.rejects());
  return value;
}

class Driver {
 public:
  json answer(const json &request) {
    events_ = json::array();
    json answer = {{"id", request["id"]}};
    try {
      answer["ok"] = act(request);
    } catch (const cdp_batch::Error &error) {
      answer["error"] = json::parse(error.fields().json);
      if (error.report() != nullptr) {
        report_ = error.fields().report;
        answer["error"]["report"] = value(*error.report());
      }
    }
    answer["events"] = events_;
    return answer;
  }

 private:
  json act(const json &request) {
    std::string op = request["op"], options = request.value("options", json::object()).dump();
    cancel_after_ = request.value("cancel_after_event", "");
    if (op == "client") {
      std::string key = request["client_key"], token = request["api_token"];
      client_ = request.contains("region")
                    ? cdp_batch::Client::of_region(request["region"].get<std::string>(), key, token, options)
                    : cdp_batch::Client::of_url(request["base_url"].get<std::string>(), key, token, options);
      return json::object();
    }
    if (op == "upload") {
      return kept(ended(client_->upload(source(request["source"]), options)));
    }
    if (op == "submit") {
      run_ = ended(client_->submit(source(request["source"]), options));
      return {{"run_id", run_->run_id()}, {"refs", run_->refs()}};
    }
    if (op == "run_wait") {
      return kept(ended(run_->wait()));
    }
    if (op == "writer") {
      cdp_batch::Writer writer = client_->writer(options);
      try {
        for (const std::string row : request["rows"]) {
          writer.push(row);
        }
      } catch (const cdp_batch::ClosedError &) {
        // The run has ended, and says why.
      }
      writer.finish();
      listen(writer.upload());
      return kept(writer.close());
    }
    if (op == "wait") {
      return json::parse(ended(client_->wait(request["refs"], options)));
    }
    if (op == "report") {
      return kept(ended(client_->report(request["refs"])));
    }
    if (op == "batch_status") {
      return json::parse(ended(client_->batch_status(request["ref"].get<std::string>())));
    }
    if (op == "batch_wait") {
      return json::parse(ended(client_->batch_wait(request["ref"].get<std::string>())));
    }
    if (op == "batch_errors") {
      return all(ended(client_->batch_errors(request["ref"].get<std::string>())));
    }
    if (op == "batches") {
      json found = json::array();
      for (const std::string &batch : client_->batches(request.value("query", json::object()).dump())) {
        found.push_back(json::parse(batch));
      }
      return found;
    }
    if (op == "validate") {
      return json::parse(ended(client_->validate(source(request["source"]), options)));
    }
    if (op == "pack") {
      cdp_batch::Packed packed =
          ended(client_->pack(source(request["source"]), request["out"].get<std::string>(), options));
      json value = json::parse(packed.json());
      value["rejects"] = all(packed.rejects());
      return value;
    }
    if (op == "write_rejects") {
      return {{"written", report_->write_rejects(request["path"].get<std::string>())}};
    }
    throw std::invalid_argument("there is no operation " + op);
  }

  /// Keeps the events of a call until the last, and stops it once after one of the type asked for.
  template <typename T>
  void listen(const cdp_batch::Operation<T> &operation) {
    std::string type;
    while (type != "done") {
      std::optional<std::string> told = operation.next_event(std::chrono::milliseconds(1000));
      if (!told) {
        continue;
      }
      events_.push_back(json::parse(*told));
      type = events_.back()["type"];
      if (type == cancel_after_) {
        operation.cancel();
        cancel_after_.clear();
      }
    }
  }

  template <typename T>
  T ended(const cdp_batch::Operation<T> &operation) {
    listen(operation);
    return operation.get();
  }

  json kept(cdp_batch::Report report) {
    report_ = std::make_shared<const cdp_batch::Report>(std::move(report));
    return value(*report_);
  }

  std::optional<cdp_batch::Client> client_;
  std::optional<cdp_batch::Run> run_;
  std::shared_ptr<const cdp_batch::Report> report_;
  json events_;
  std::string cancel_after_;
};

}  // namespace

int main() {
  Driver driver;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::cout << driver.answer(json::parse(line)).dump() << std::endl;
  }
}
