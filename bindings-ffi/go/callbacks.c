#include "callbacks.h"

#include "_cgo_export.h"

static void done(void *context) { cdpbgoDone((uintptr_t)context); }

static int64_t read_more(void *context, uint8_t *buffer, size_t length) {
  return cdpbgoRead((uintptr_t)context, buffer, length);
}

static void release(void *context) { cdpbgoRelease((uintptr_t)context); }

cdpb_code cdpbgo_on_done(const cdpb_operation *operation, uintptr_t context) {
  return cdpb_operation_on_done(operation, done, (void *)context, NULL);
}

cdpb_code cdpbgo_source_from_reader(uintptr_t context, const char *name, cdpb_source **source, cdpb_error **error) {
  return cdpb_source_from_reader(read_more, release, (void *)context, name, source, error);
}
