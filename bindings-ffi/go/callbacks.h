/* What the library calls, and how it is told of it. A context is a number here: no Go pointer is kept by C. */
#include <cdp_batch.h>
#include <stdint.h>

cdpb_code cdpbgo_on_done(const cdpb_operation *operation, uintptr_t context);
