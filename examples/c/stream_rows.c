/* Push rows as they come, from a query for instance, without a file in between. */
#include <cdp_batch.h>
#include <inttypes.h>
#include <stdio.h>

int main(void) {
  cdpb_client *client = NULL;
  cdpb_writer *writer = NULL;
  cdpb_operation *upload = NULL;
  cdpb_report *report = NULL;
  cdpb_error *error = NULL;
  cdpb_code pushed = CDPB_OK;

  if (cdpb_client_from_env(NULL, &client, &error) != CDPB_OK) goto end;

  /* The rows are bare values. Schema and mode make records of them, and a guest's ref is made from the e-mail address, so
   * that it is the same tomorrow. */
  const char *options = "{\"schema\": \"guest\", \"mode\": \"upsert\", \"ref_field\": \"email\"}";
  if (cdpb_client_writer(client, options, &writer, &upload, &error) != CDPB_OK) goto end;
  for (int number = 1; number <= 1000 && pushed == CDPB_OK; number++) { /* Stands for a database. */
    char row[200];
    int length = snprintf(row, sizeof row,
                          "{\"guestType\": \"customer\", \"email\": \"customer%d@example.com\", "
                          "\"identifiers\": [{\"provider\": \"CRM\", \"id\": \"C-%d\"}]}",
                          number, number);
    do { /* While the queue is full there is time for something else once a second. */
      pushed = cdpb_writer_push(writer, row, (size_t)length, 1000, NULL);
    } while (pushed == CDPB_TIMEOUT);
  }
  /* If the run ended early, its outcome says why. */
  cdpb_writer_finish(writer, NULL);
  while (!cdpb_operation_wait(upload, 1000)) {
  }
  if (cdpb_operation_take_report(upload, &report, &error) != CDPB_OK) goto end;

  cdpb_counts counts = cdpb_report_counts(report);
  printf("%" PRIu64 " of %" PRIu64 " rows are confirmed\n", counts.confirmed, counts.read);

end:
  if (error != NULL) fprintf(stderr, "%s\n", cdpb_error_message(error));
  int failed = error != NULL;
  cdpb_error_free(error);
  cdpb_report_free(report);
  cdpb_operation_free(upload);
  cdpb_writer_free(writer);
  cdpb_client_free(client);
  return failed;
}
