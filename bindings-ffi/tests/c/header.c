/* What the header promises for good: numbers, layouts, versions. */
#include <stdalign.h>
#include <stddef.h>

#include "contract.h"
#include "second.h"

_Static_assert(CDPB_OK == 0, "success is nothing");
_Static_assert(CDPB_INVALID_OPTIONS == 101 && CDPB_INVALID_RECORD == 102 && CDPB_RECORD_TOO_LARGE == 103, "frozen");
_Static_assert(CDPB_IO == 110 && CDPB_JOURNAL == 111, "frozen");
_Static_assert(CDPB_UNAUTHORIZED == 201 && CDPB_REJECTED == 202 && CDPB_NOT_FOUND == 203, "frozen");
_Static_assert(CDPB_CONFLICT == 204 && CDPB_RATE_LIMITED == 210 && CDPB_UNAVAILABLE == 211, "frozen");
_Static_assert(CDPB_TLS == 212 && CDPB_TIMEOUT == 213 && CDPB_UPLOAD_EXPIRED == 220, "frozen");
_Static_assert(CDPB_INTEGRITY == 221 && CDPB_BATCH_CORRUPTED == 230 && CDPB_RECORDS_REJECTED == 231, "frozen");
_Static_assert(CDPB_PROTOCOL == 240 && CDPB_CANCELLED == 301 && CDPB_CLOSED == 302, "frozen");
_Static_assert(CDPB_INTERNAL == 900, "frozen");
_Static_assert(sizeof(cdpb_code) == 4 && sizeof(cdpb_counts) == 6 * 8 && alignof(cdpb_counts) == alignof(uint64_t), "frozen");
_Static_assert(offsetof(cdpb_counts, read) == 0 && offsetof(cdpb_counts, packed) == 8, "frozen");
_Static_assert(offsetof(cdpb_counts, sent) == 16 && offsetof(cdpb_counts, confirmed) == 24, "frozen");
_Static_assert(offsetof(cdpb_counts, rejected) == 32 && offsetof(cdpb_counts, unknown) == 40, "frozen");

static void the_library_says_which_version_it_is(void) {
  CHECK_TEXT(version_seen_elsewhere(), cdpb_version());
  CHECK(cdpb_abi_version() >= CDPB_ABI_VERSION);
}

void header(void) {
  RUN(the_library_says_which_version_it_is);
}
