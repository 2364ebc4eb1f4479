/* A second translation unit: the headers define nothing twice, and their order does not matter. */
#include <cdp_batch_testing.h>

#include <cdp_batch.h>

#include "../check.h"
#include "second.h"

const char *version_seen_elsewhere(void) {
  CHECK(cdpb_abi_version() == CDPB_ABI_VERSION);
  return cdpb_version();
}
