#include "callbacks.h"

#include "_cgo_export.h"

static void done(void *context) { cdpbgoDone((uintptr_t)context); }

cdpb_code cdpbgo_on_done(const cdpb_operation *operation, uintptr_t context) {
  return cdpb_operation_on_done(operation, done, (void *)context, NULL);
}
