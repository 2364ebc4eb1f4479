/* Look at every refused record, and keep them in a file to fix and send again. */
#include <cdp_batch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *or_nothing(const char *text) { return text == NULL ? "" : text; }

int main(void) {
  cdpb_client *client = NULL;
  cdpb_source *source = NULL;
  cdpb_operation *upload = NULL;
  cdpb_report *report = NULL;
  cdpb_rejects *rejects = NULL;
  cdpb_reject *reject = NULL;
  cdpb_error *error = NULL, *failed = NULL;

  if (cdpb_client_from_env(NULL, &client, &failed) != CDPB_OK) goto end;
  if (cdpb_source_from_path("examples/data/guests-with-faults.ndjson", &source, &failed) != CDPB_OK) goto end;
  if (cdpb_client_upload(client, source, NULL, &upload, &failed) != CDPB_OK) goto end;
  while (!cdpb_operation_wait(upload, 1000)) {
  }
  if (cdpb_operation_take_report(upload, &report, &error) == CDPB_OK) {
    puts("every record is confirmed");
    goto end;
  }

  /* Whatever ended the run, what is known of it comes with the error. */
  if (!cdpb_error_report(error, &report)) {
    failed = error;
    error = NULL;
    goto end;
  }
  cdpb_counts counts = cdpb_report_counts(report);
  printf("%s: %" PRIu64 " of %" PRIu64 " records are confirmed\n", cdpb_error_name(error), counts.confirmed, counts.read);
  if (cdpb_report_rejects(report, &rejects, &failed) != CDPB_OK) goto end;
  while (cdpb_rejects_next(rejects, &reject, &failed) == CDPB_OK && reject != NULL) {
    printf("%s:%" PRIu64 ": %s: %s\n", or_nothing(cdpb_reject_source(reject)), cdpb_reject_line(reject),
           cdpb_reject_code(reject), cdpb_reject_message(reject));
    cdpb_reject_free(reject);
  }

  /* Exactly as they were read, so that the file can be corrected and uploaded. */
  char path[4096];
  const char *folder = getenv("TMPDIR");
  uint64_t written = 0;
  snprintf(path, sizeof path, "%s/rejects.ndjson", folder == NULL ? "/tmp" : folder);
  if (cdpb_report_write_rejects(report, path, &written, &failed) != CDPB_OK) goto end;
  printf("%" PRIu64 " rejects are written\n", written);

end:
  if (failed != NULL) fprintf(stderr, "%s\n", cdpb_error_message(failed));
  int exit_code = failed != NULL;
  cdpb_error_free(failed);
  cdpb_error_free(error);
  cdpb_rejects_free(rejects);
  cdpb_report_free(report);
  cdpb_operation_free(upload);
  cdpb_source_free(source);
  cdpb_client_free(client);
  return exit_code;
}
