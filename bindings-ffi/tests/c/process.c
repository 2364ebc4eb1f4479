/* The process around the library: forks, threads, and what is left as it was. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract.h"

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static void what_was_made_before_a_fork_is_closed_in_the_child_which_makes_its_own(void) {
  cdpb_emulator *slow = slow_emulator();
  cdpb_client *client = client_of(slow, FAST), *other = client_of(emulator, FAST);
  cdpb_operation *operation = upload(client, file(GUESTS), NULL), *rows = NULL;
  cdpb_writer *writer = NULL;
  cdpb_batches *batches = NULL;
  CHECK(cdpb_client_writer(client, NULL, &writer, &rows, NULL) == CDPB_OK);
  CHECK(cdpb_client_batches(client, NULL, &batches, NULL) == CDPB_OK);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    cdpb_report *report = NULL;
    cdpb_operation *new_operation = NULL;
    cdpb_source *source = file(GUESTS);
    CHECK(cdpb_operation_wait(operation, UINT64_MAX));
    CHECK(cdpb_operation_take_report(operation, &report, NULL) == CDPB_CLOSED);
    CHECK(cdpb_client_upload(client, source, NULL, &new_operation, NULL) == CDPB_CLOSED);
    CHECK(cdpb_writer_push(writer, "{}", 2, UINT64_MAX, NULL) == CDPB_CLOSED);
    CHECK(cdpb_writer_finish(writer, NULL) == CDPB_CLOSED);
    CHECK(cdpb_batches_next(batches, &new_operation, NULL) == CDPB_CLOSED);
    CHECK(confirmed(source) == 3);
    cdpb_operation_free(rows);
    cdpb_operation_free(operation);
    cdpb_writer_free(writer);
    cdpb_batches_free(batches);
    cdpb_client_free(client);
    cdpb_client_free(other);
    cdpb_emulator_free(slow);
    /* What the parent's threads were working on is lost here, and memcheck would count it at an end of our own. */
    execlp("true", "true", (char *)NULL);
    _exit(1);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  /* The parent goes on as if nothing had been. */
  cdpb_report *report = reported(upload(other, file(GUESTS), NULL));
  CHECK(cdpb_report_counts(report).confirmed == 3);
  cdpb_report_free(report);
  cdpb_writer_free(writer);
  cdpb_operation_free(rows);
  cdpb_operation_free(operation);
  cdpb_batches_free(batches);
  cdpb_client_free(client);
  cdpb_client_free(other);
  cdpb_emulator_free(slow);
}

static void a_client_comes_from_the_environment(void) {
  cdpb_client *client = UNTOUCHED;
  cdpb_error *error = NULL;
  unsetenv("CDP_REGION");
  unsetenv("CDP_BASE_URL");
  CHECK(cdpb_client_from_env(NULL, &client, &error) == CDPB_INVALID_OPTIONS && client == UNTOUCHED);
  CHECK(strstr(cdpb_error_message(error), "CDP_REGION") != NULL);
  cdpb_error_free(error);
  setenv("CDP_BASE_URL", cdpb_emulator_base_url(emulator), 1);
  setenv("CDP_CLIENT_KEY", KEY, 1);
  setenv("CDP_API_TOKEN", TOKEN, 1);
  CHECK(cdpb_client_from_env(FAST, &client, NULL) == CDPB_OK);
  cdpb_client_free(client);
}

struct shared {
  const cdpb_client *client;
  const cdpb_report *report;
  cdpb_operation *under_way;
  pthread_barrier_t used;
};

static void *use_everything(void *context) {
  struct shared *shared = context;
  for (int round = 0; round < 5; round++) {
    cdpb_report *own = reported(upload(shared->client, file(GUESTS), NULL));
    CHECK(cdpb_report_counts(own).confirmed == 3);
    cdpb_report_free(own);
    cdpb_string_free(cdpb_report_json(shared->report));
    cdpb_rejects *rejects = NULL;
    cdpb_reject *reject = NULL;
    CHECK(cdpb_report_rejects(shared->report, &rejects, NULL) == CDPB_OK);
    CHECK(cdpb_rejects_next(rejects, &reject, NULL) == CDPB_OK && cdpb_reject_line(reject) == 2);
    cdpb_reject_free(reject);
    cdpb_rejects_free(rejects);
    cdpb_string_free(cdpb_operation_next_event(shared->under_way, 1));
    CHECK(!cdpb_operation_wait(shared->under_way, 1));
  }
  pthread_barrier_wait(&shared->used);
  cdpb_operation_cancel(shared->under_way);
  CHECK(cdpb_operation_wait(shared->under_way, UINT64_MAX));
  cdpb_report *report = NULL;
  cdpb_code code = cdpb_operation_take_report(shared->under_way, &report, NULL);
  CHECK(code == CDPB_CANCELLED || code == CDPB_CLOSED);
  return code == CDPB_CANCELLED ? context : NULL;
}

static void threads_share_a_client_a_report_and_an_operation_whose_outcome_one_of_them_takes(void) {
  cdpb_emulator *slow = slow_emulator();
  cdpb_client *client = client_of(emulator, FAST), *waiting = client_of(slow, FAST);
  cdpb_operation *under_way = upload(waiting, file(GUESTS), NULL);
  cdpb_report *report = reported(upload(client, file(FAULTY), "{\"raise_on\": \"never\"}"));
  struct shared shared = {.client = client, .report = report, .under_way = under_way};
  CHECK(pthread_barrier_init(&shared.used, NULL, 4) == 0);
  pthread_t threads[4];
  int taken = 0;
  for (int index = 0; index < 4; index++) {
    CHECK(pthread_create(&threads[index], NULL, use_everything, &shared) == 0);
  }
  for (int index = 0; index < 4; index++) {
    void *mine = NULL;
    pthread_join(threads[index], &mine);
    taken += mine != NULL;
  }
  CHECK(taken == 1);
  pthread_barrier_destroy(&shared.used);
  cdpb_report_free(report);
  cdpb_operation_free(under_way);
  cdpb_client_free(waiting);
  cdpb_client_free(client);
  cdpb_emulator_free(slow);
}

static struct sigaction handlers[32];
static char folder[4096];

void remember_the_process(void) {
  for (int number = 1; number < 32; number++) {
    sigaction(number, NULL, &handlers[number]);
  }
  CHECK(getcwd(folder, sizeof folder) != NULL);
}

/* Run last: by now the library has done everything it does. */
static void signal_handlers_and_the_working_folder_are_as_they_were(void) {
  for (int number = 1; number < 32; number++) {
    struct sigaction now;
    if (sigaction(number, NULL, &now) == 0) {
      CHECK(now.sa_handler == handlers[number].sa_handler);
    }
  }
  char now[4096];
  CHECK(getcwd(now, sizeof now) != NULL);
  CHECK_TEXT(now, folder);
}

void process(void) {
  if (SANITIZED) {
    SKIP(what_was_made_before_a_fork_is_closed_in_the_child_which_makes_its_own,
         "a thread may hold the lock of AddressSanitizer's allocator at the fork, and no child can take it then");
  } else {
    RUN(what_was_made_before_a_fork_is_closed_in_the_child_which_makes_its_own);
  }
  RUN(a_client_comes_from_the_environment);
  RUN(threads_share_a_client_a_report_and_an_operation_whose_outcome_one_of_them_takes);
  RUN(signal_handlers_and_the_working_folder_are_as_they_were);
}
