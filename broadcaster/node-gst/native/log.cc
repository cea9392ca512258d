#include <atomic>
#include <map>

#include "common.h"

namespace {

struct Listener {
  std::shared_ptr<Dispatcher> dispatcher;
  uint64_t callback;
  GstDebugLevel gstLevel;
};

// GLib and GStreamer have one log each in a process, environments may be several.
struct Hub {
  std::mutex mutex;
  std::map<Dispatcher*, Listener> listeners;
  std::atomic<int> gstLevel{GST_LEVEL_NONE};
  bool gstHooked = false;
  bool glibHooked = false;
};
Hub& hub = *new Hub;  // never destroyed: threads may log while the process ends

void tell(const std::string& level, const std::string& domain, const std::string& text, GstDebugLevel gstLevel) {
  std::lock_guard<std::mutex> lock(hub.mutex);
  for (auto& entry : hub.listeners) {
    Listener& listener = entry.second;
    if (gstLevel > listener.gstLevel) continue;
    listener.dispatcher->post([dispatcher = listener.dispatcher, callback = listener.callback, level, domain, text](Napi::Env env) {
      Napi::Object record = Napi::Object::New(env);
      record.Set("level", level);
      record.Set("domain", domain);
      record.Set("message", takeString(g_utf8_make_valid(text.c_str(), -1)));
      dispatcher->call(env, callback, {record});
    });
  }
}

bool anybody() {
  std::lock_guard<std::mutex> lock(hub.mutex);
  return !hub.listeners.empty();
}

void onGlib(const gchar* domain, GLogLevelFlags flags, const gchar* message, gpointer) {
  // A fatal message ends the process right after: it has to be seen.
  if ((flags & G_LOG_FLAG_FATAL) != 0 || !anybody()) {
    g_log_default_handler(domain, flags, message, nullptr);
    return;
  }
  const char* level = (flags & G_LOG_LEVEL_ERROR) != 0      ? "error"
                      : (flags & G_LOG_LEVEL_CRITICAL) != 0 ? "critical"
                      : (flags & G_LOG_LEVEL_WARNING) != 0  ? "warning"
                      : (flags & G_LOG_LEVEL_MESSAGE) != 0  ? "message"
                      : (flags & G_LOG_LEVEL_INFO) != 0     ? "info"
                                                            : "debug";
  tell(level, domain == nullptr ? "" : domain, message == nullptr ? "" : message, GST_LEVEL_NONE);
}

void onGst(GstDebugCategory* category, GstDebugLevel level, const gchar*, const gchar* function, gint, GObject* object,
           GstDebugMessage* message, gpointer) {
  if (level > hub.gstLevel.load(std::memory_order_relaxed)) return;
  std::string text = object != nullptr && GST_IS_OBJECT(object) ? objectName(object) + ": " : "";
  gchar* name = g_ascii_strdown(gst_debug_level_get_name(level), -1);
  g_strstrip(name);
  tell(takeString(name), gst_debug_category_get_name(category), text + function + ": " + gst_debug_message_get(message), level);
}

GstDebugLevel levelArg(const Napi::CallbackInfo& info, size_t index) {
  if (isNullish(info, index)) return GST_LEVEL_NONE;
  std::string name = stringArg(info, index);
  if (name == "error") return GST_LEVEL_ERROR;
  if (name == "warning") return GST_LEVEL_WARNING;
  if (name == "fixme") return GST_LEVEL_FIXME;
  if (name == "info") return GST_LEVEL_INFO;
  if (name == "debug") return GST_LEVEL_DEBUG;
  fail(info.Env(), "bad-value", "there is no log level '" + name + "'");
}

void hook(GstDebugLevel wanted) {
  if (!hub.glibHooked) {
    hub.glibHooked = true;
    g_log_set_default_handler(onGlib, nullptr);
  }
  if (wanted == GST_LEVEL_NONE || hub.gstHooked) return;
  hub.gstHooked = true;
  gst_debug_remove_log_function(nullptr);  // GStreamer's own, which writes to stderr
  gst_debug_add_log_function(onGst, nullptr, nullptr);
}

void removeListener(Dispatcher* dispatcher) {
  auto found = hub.listeners.find(dispatcher);
  if (found == hub.listeners.end()) return;
  dispatcher->forget(found->second.callback);
  hub.listeners.erase(found);
}

Napi::Value setLog(const Napi::CallbackInfo& info) {
  auto dispatcher = dispatcherOf(info.Env());
  GstDebugLevel level = levelArg(info, 1);
  uint64_t callback = isNullish(info, 0) ? 0 : dispatcher->keep(functionArg(info, 0));
  std::lock_guard<std::mutex> lock(hub.mutex);
  removeListener(dispatcher.get());
  if (callback != 0) hub.listeners.emplace(dispatcher.get(), Listener{dispatcher, callback, level});
  hook(level);
  int highest = GST_LEVEL_NONE;
  for (auto& entry : hub.listeners) highest = std::max<int>(highest, entry.second.gstLevel);
  hub.gstLevel = highest;
  if (gst_debug_get_default_threshold() < highest) gst_debug_set_default_threshold(static_cast<GstDebugLevel>(highest));
  return info.Env().Undefined();
}

}  // namespace

void forgetLog(Dispatcher* dispatcher) {
  std::lock_guard<std::mutex> lock(hub.mutex);
  removeListener(dispatcher);
}

void exportLog(Napi::Env env, Napi::Object exports) { define<setLog>(exports, "setLog"); }
