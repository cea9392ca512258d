#include <chrono>
#include <condition_variable>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common.h"

void forgetLog(Dispatcher* dispatcher);

namespace {

// How long the end of an environment (process.exit, a worker's end) waits for its pipelines to stop.
constexpr auto kStopWait = std::chrono::seconds(2);

std::mutex& initMutex = *new std::mutex;

Napi::Value init(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::vector<std::string> words = {"node"};
  if (info[0].IsArray()) {
    Napi::Array list = info[0].As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); i++) {
      Napi::Value word = list.Get(i);
      if (!word.IsString()) fail(env, "bad-type", "options are strings");
      words.push_back(word.As<Napi::String>().Utf8Value());
    }
  }
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  int count = static_cast<int>(words.size());
  char** argv = pointers.data();
  GError* error = nullptr;
  bool done;
  {
    std::lock_guard<std::mutex> lock(initMutex);
    done = gst_is_initialized() || gst_init_check(&count, &argv, &error);
  }
  if (!done) {
    std::string message = error == nullptr ? "GStreamer does not start" : error->message;
    g_clear_error(&error);
    fail(env, "internal", message);
  }
  return env.Undefined();
}

Napi::Value version(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), takeString(gst_version_string()));
}

Napi::Value hasElement(const Napi::CallbackInfo& info) {
  requireInit(info.Env());
  GstElementFactory* factory = gst_element_factory_find(stringArg(info, 0).c_str());
  if (factory != nullptr) gst_object_unref(factory);
  return Napi::Boolean::New(info.Env(), factory != nullptr);
}

// Forgets every element but these; those that there are already stay.
Napi::Value keepElements(const Napi::CallbackInfo& info) {
  requireInit(info.Env());
  if (!info[0].IsArray()) fail(info.Env(), "bad-type", "names are a list");
  Napi::Array list = info[0].As<Napi::Array>();
  // What a description is put into.
  std::set<std::string> kept = {"pipeline", "bin"};
  for (uint32_t i = 0; i < list.Length(); i++) kept.insert(list.Get(i).ToString().Utf8Value());
  GstRegistry* registry = gst_registry_get();
  // A plugin that is loaded later would bring back all that it has.
  for (auto& name : kept) {
    GstPluginFeature* found = gst_registry_find_feature(registry, name.c_str(), GST_TYPE_ELEMENT_FACTORY);
    if (found == nullptr) continue;
    GstPluginFeature* loaded = gst_plugin_feature_load(found);
    if (loaded != nullptr) gst_object_unref(loaded);
    gst_object_unref(found);
  }
  auto any = [](GstPluginFeature*, gpointer) -> gboolean { return TRUE; };
  GList* features = gst_registry_feature_filter(registry, any, FALSE, nullptr);
  for (GList* at = features; at != nullptr; at = at->next) {
    auto* feature = GST_PLUGIN_FEATURE(at->data);
    bool keeps = GST_IS_ELEMENT_FACTORY(feature) && kept.count(GST_OBJECT_NAME(feature)) > 0;
    if (!keeps) gst_registry_remove_feature(registry, feature);
  }
  gst_plugin_feature_list_free(features);
  return info.Env().Undefined();
}

struct Stopping {
  std::mutex mutex;
  std::condition_variable changed;
  size_t left = 0;
};

// Streaming threads must not run on into the process's own end, where libraries take themselves down.
void stopAll(Addon& addon) {
  if (addon.pipelines.empty()) return;
  auto stopping = std::make_shared<Stopping>();
  stopping->left = addon.pipelines.size();
  for (GstElement* pipeline : addon.pipelines) {
    Held<GstElement> held(pipeline);
    try {
      std::thread([held, stopping] {
        gst_element_set_state(held.get(), GST_STATE_NULL);
        std::lock_guard<std::mutex> lock(stopping->mutex);
        stopping->left--;
        stopping->changed.notify_all();
      }).detach();
    } catch (const std::system_error&) {
      std::lock_guard<std::mutex> lock(stopping->mutex);
      stopping->left--;
    }
  }
  addon.pipelines.clear();
  std::unique_lock<std::mutex> lock(stopping->mutex);
  stopping->changed.wait_for(lock, kStopWait, [&] { return stopping->left == 0; });
}

void onEnvironmentEnd(void* data) {
  auto* addon = static_cast<Instance*>(data);
  forgetLog((*addon)->dispatcher.get());
  (*addon)->dispatcher->close();
  stopAll(**addon);
  delete addon;
}

Napi::Object load(Napi::Env env, Napi::Object exports) {
  auto addon = std::make_shared<Addon>();
  addon->dispatcher = std::make_shared<Dispatcher>();
  addon->dispatcher->open(env);
  env.SetInstanceData(new Instance(addon));
  // After the dispatcher's own, so that it runs before it: hooks run last in, first out.
  napi_add_env_cleanup_hook(env, onEnvironmentEnd, new Instance(addon));
  define<init>(exports, "init");
  define<version>(exports, "version");
  define<hasElement>(exports, "hasElement");
  define<keepElements>(exports, "keepElements");
  exportHandles(env, exports);
  exportProperties(env, exports);
  exportSignals(env, exports);
  exportElements(env, exports);
  exportPads(env, exports);
  exportGates(env, exports);
  exportBins(env, exports);
  exportState(env, exports);
  exportPipelines(env, exports);
  exportApp(env, exports);
  exportLog(env, exports);
  exportCrash(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(NODE_GYP_MODULE_NAME, load)
