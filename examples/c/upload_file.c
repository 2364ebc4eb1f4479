/* Upload a file and wait until the service has confirmed it. */
#include <cdp_batch.h>
#include <inttypes.h>
#include <stdio.h>

int main(void) {
  cdpb_client *client = NULL;
  cdpb_source *source = NULL;
  cdpb_operation *upload = NULL;
  cdpb_report *report = NULL;
  cdpb_error *error = NULL;
  const char *status;

  /* Reads CDP_REGION (or CDP_BASE_URL), CDP_CLIENT_KEY and CDP_API_TOKEN. */
  if (cdpb_client_from_env(NULL, &client, &error) != CDPB_OK) goto end;

  /* NDJSON, a JSON array or pretty-printed JSON; plain or gzip. Every record must be confirmed, or this is an error. */
  if (cdpb_source_from_path("examples/data/guests.ndjson", &source, &error) != CDPB_OK) goto end;
  if (cdpb_client_upload(client, source, NULL, &upload, &error) != CDPB_OK) goto end;
  while (!cdpb_operation_wait(upload, 1000)) {
    /* Once a second there is time for something else. */
  }
  if (cdpb_operation_take_report(upload, &report, &error) != CDPB_OK) goto end;

  cdpb_counts counts = cdpb_report_counts(report);
  printf("%" PRIu64 " of %" PRIu64 " guests are confirmed\n", counts.confirmed, counts.read);
  for (size_t index = 0; (status = cdpb_report_batch_status(report, index)) != NULL; index++) {
    printf("one batch of %" PRIu64 " records: %s\n", cdpb_report_batch_records(report, index), status);
  }

end:
  if (error != NULL) fprintf(stderr, "%s\n", cdpb_error_message(error));
  int failed = error != NULL;
  cdpb_error_free(error);
  cdpb_report_free(report);
  cdpb_operation_free(upload);
  cdpb_source_free(source);
  cdpb_client_free(client);
  return failed;
}
