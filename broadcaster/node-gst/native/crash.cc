// What is known of a process in the moment of its death: the thread that a fault happened in.
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstring>

#include "common.h"

namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};

int tellTo = -1;
struct sigaction before[NSIG];

// Only what may be called in a signal handler.
void onFault(int number, siginfo_t*, void*) {
  char name[17] = {};
  prctl(PR_GET_NAME, name);
  ssize_t written = write(tellTo, name, strlen(name));
  (void)written;
  // Whoever was there before gets it too, and then the system.
  sigaction(number, &before[number], nullptr);
  raise(number);
}

Napi::Value tellCrashes(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) fail(info.Env(), "bad-type", "a file descriptor is a number");
  bool first = tellTo < 0;
  tellTo = info[0].As<Napi::Number>().Int32Value();
  if (!first) return info.Env().Undefined();
  for (int number : kSignals) {
    struct sigaction action = {};
    action.sa_sigaction = onFault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(number, &action, &before[number]);
  }
  return info.Env().Undefined();
}

}  // namespace

void exportCrash(Napi::Env env, Napi::Object exports) { define<tellCrashes>(exports, "tellCrashes"); }
