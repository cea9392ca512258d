#include <algorithm>
#include <future>

#include "pipeline.h"

namespace {

const char* stateName(GstState state) { return gst_element_state_get_name(state); }

GstState stateArg(const Napi::CallbackInfo& info, size_t index) {
  std::string name = stringArg(info, index);
  if (name == "null") return GST_STATE_NULL;
  if (name == "ready") return GST_STATE_READY;
  if (name == "paused") return GST_STATE_PAUSED;
  if (name == "playing") return GST_STATE_PLAYING;
  fail(info.Env(), "bad-value", "there is no state '" + name + "'");
}

gint64 timeoutArg(const Napi::CallbackInfo& info, size_t index) {
  if (!info[index].IsNumber()) fail(info.Env(), "bad-type", "a time-out in milliseconds was expected");
  return std::max<gint64>(0, info[index].As<Napi::Number>().Int64Value());
}

// Changes of one element happen in the order they were asked for, though each has a thread of its own.
// Only the change itself waits its turn, not the wait for its end.
using Turn = std::shared_future<void>;
std::mutex& turnsMutex = *new std::mutex;

Turn takeTurn(GstElement* element, Turn mine) {
  static const GQuark quark = g_quark_from_static_string("node-gst-turn");
  std::lock_guard<std::mutex> lock(turnsMutex);
  auto* last = static_cast<Turn*>(g_object_get_qdata(G_OBJECT(element), quark));
  Turn before = last == nullptr ? Turn() : *last;
  g_object_set_qdata_full(G_OBJECT(element), quark, new Turn(mine), [](gpointer turn) { delete static_cast<Turn*>(turn); });
  return before;
}

struct Watch {
  std::shared_ptr<Bus> bus;
  uint64_t errorsBefore = 0;

  explicit Watch(GstElement* element) : bus(busOf(element)) {
    if (bus == nullptr) return;
    std::lock_guard<std::mutex> lock(bus->mutex);
    errorsBefore = bus->errors;
  }
  // The text of the first error since then, which is the cause of those after it; empty without one.
  std::string error() const {
    if (bus == nullptr) return "";
    std::lock_guard<std::mutex> lock(bus->mutex);
    size_t since = std::min<size_t>(bus->errors - errorsBefore, bus->lastErrors.size());
    return since == 0 ? "" : bus->lastErrors[bus->lastErrors.size() - since];
  }
};

Outcome failed(const std::string& what, const Watch& watch) {
  std::string error = watch.error();
  return {"state-failed", what + " failed" + (error.empty() ? "" : ": " + error)};
}

Outcome finished(GstStateChangeReturn result) { return {"", result == GST_STATE_CHANGE_NO_PREROLL ? "no-preroll" : "success"}; }

// Waits in slices: an error on the bus ends the wait, for a pipeline that broke while it prerolls stays
// asynchronous for ever.
Outcome waitForEnd(GstElement* element, const std::string& what, gint64 timeoutMs, const Watch& watch) {
  gint64 deadline = g_get_monotonic_time() + timeoutMs * 1000;
  for (;;) {
    gint64 leftUs = std::max<gint64>(0, deadline - g_get_monotonic_time());
    GstState current = GST_STATE_VOID_PENDING;
    GstState pending = GST_STATE_VOID_PENDING;
    GstStateChangeReturn result = gst_element_get_state(element, &current, &pending, std::min<gint64>(leftUs, 50000) * 1000);
    if (result == GST_STATE_CHANGE_FAILURE || !watch.error().empty()) return failed(what, watch);
    if (result != GST_STATE_CHANGE_ASYNC) return finished(result);
    if (leftUs == 0) {
      return {"state-timeout", what + ": still " + stateName(current) + " with " + stateName(pending) + " pending after " +
                                   std::to_string(timeoutMs) + " ms"};
    }
  }
}

// `change` starts it; the rest is the same for every kind of change.
Napi::Value changeState(const Napi::CallbackInfo& info, GstElement* element, const std::string& what, gint64 timeoutMs,
                        std::function<GstStateChangeReturn(GstElement*)> change) {
  Held<GstElement> held(element);
  auto done = std::make_shared<std::promise<void>>();
  Turn before = takeTurn(element, done->get_future().share());
  try {
    return runAside(info.Env(), [held, what, timeoutMs, change, done, before]() -> Outcome {
      if (before.valid()) before.wait();
      Watch watch(held.get());
      GstStateChangeReturn result = change(held.get());
      done->set_value();
      if (result == GST_STATE_CHANGE_FAILURE) return failed(what, watch);
      if (result != GST_STATE_CHANGE_ASYNC) return finished(result);
      if (timeoutMs == 0) return {"", "async"};
      return waitForEnd(held.get(), what, timeoutMs, watch);
    });
  } catch (...) {
    done->set_value();  // no thread to be had
    throw;
  }
}

Napi::Value setState(const Napi::CallbackInfo& info) {
  GstElement* element = elementArg(info, 0);
  GstState state = stateArg(info, 1);
  std::string what = objectName(element) + " to " + stateName(state);
  return changeState(info, element, what, timeoutArg(info, 2),
                     [state](GstElement* element) { return gst_element_set_state(element, state); });
}

Napi::Value startWithParent(const Napi::CallbackInfo& info) {
  GstElement* element = elementArg(info, 0);
  return changeState(info, element, objectName(element) + " to its parent's state", timeoutArg(info, 1),
                     [](GstElement* element) {
                       if (!gst_element_sync_state_with_parent(element)) return GST_STATE_CHANGE_FAILURE;
                       return gst_element_get_state(element, nullptr, nullptr, 0);
                     });
}

Napi::Value syncStateWithParent(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), gst_element_sync_state_with_parent(elementArg(info, 0)));
}

Napi::Value currentState(const Napi::CallbackInfo& info) {
  gchar* name = g_ascii_strdown(stateName(GST_STATE(elementArg(info, 0))), -1);
  return Napi::String::New(info.Env(), takeString(name));
}

}  // namespace

void exportState(Napi::Env env, Napi::Object exports) {
  define<setState>(exports, "setState");
  define<startWithParent>(exports, "startWithParent");
  define<syncStateWithParent>(exports, "syncStateWithParent");
  define<currentState>(exports, "currentState");
}
