/* The contract of bindings-ffi/README.md, sentence by sentence, as a program in C meets it. */
#include "contract.h"

int check_passed, check_skipped;

int main(void) {
  remember_the_process();
  emulator = cdpb_emulator_start("{" EMULATED "}");
  CHECK(emulator != NULL);
  header();
  sources();
  writers();
  errors();
  null();
  operations();
  results();
  emulators();
  process();
  cdpb_emulator_free(emulator);
  CLOSING_LINE();
  return 0;
}
