/* The library for tests. */
#include "contract.h"

static void the_emulator_tells_what_arrived_and_takes_faults(void) {
  cdpb_emulator *own = cdpb_emulator_start("{" EMULATED "}");
  cdpb_client *client = client_of(own, "{\"retry\": {\"attempts\": 1}, \"wait\": {\"min_ms\": 5}}");
  cdpb_report_free(reported(upload(client, file(GUESTS), NULL)));
  char *arrived = cdpb_emulator_arrived(own), *batches = cdpb_emulator_batches(own), *requests = cdpb_emulator_requests(own);
  CHECK(strstr(arrived, "@example.com") != NULL && batches[0] == '[' && requests[0] == '[');
  cdpb_emulator_string_free(arrived);
  cdpb_emulator_string_free(batches);
  cdpb_emulator_string_free(requests);
  CHECK(cdpb_emulator_set_faults(own, "{\"rules\": [{\"on\": \"allocate\", \"do\": {\"type\": \"status\", \"status\": 401}}]}"));
  CHECK(!cdpb_emulator_set_faults(own, "{\"rule\": 1}") && !cdpb_emulator_set_faults(own, NULL));
  cdpb_operation *operation = upload(client, file(GUESTS), NULL);
  cdpb_report *report = NULL;
  join(operation);
  CHECK(cdpb_operation_take_report(operation, &report, NULL) == CDPB_UNAUTHORIZED);
  cdpb_operation_free(operation);
  cdpb_client_free(client);
  cdpb_emulator_free(own);
  CHECK(cdpb_emulator_start("{\"client\": 1}") == NULL && cdpb_emulator_base_url(NULL) == NULL);
}

void emulators(void) {
  RUN(the_emulator_tells_what_arrived_and_takes_faults);
}
