// A second translation unit: the headers define nothing twice.
#include <cdp_batch.hpp>
#include <cdp_batch_testing.h>

#include "../check.h"

cdp_batch::Report report_made_elsewhere(const cdp_batch::Client &client, const cdp_batch::Source &source) {
  CHECK(check_passed == 0);
  return client.upload(source).get();
}
