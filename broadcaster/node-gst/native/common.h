// What every file of the addon shares: the environment's own data, object handles, typed errors.
#pragma once
#include <gst/gst.h>
#include <napi.h>

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "dispatcher.h"

// One per environment (main thread, each worker thread, each time the addon is loaded anew).
struct Addon {
  std::shared_ptr<Dispatcher> dispatcher;
  // Pipelines whose handle is alive and that are not closed: stopped when the environment ends. The handle
  // that parseLaunch made is the only one of a pipeline that counts here, and holds the reference.
  std::set<GstElement*> pipelines;
};

// Handles share it too, because they may be finalised after the instance data.
using Instance = std::shared_ptr<Addon>;
inline std::shared_ptr<Addon> addonOf(Napi::Env env) { return *env.GetInstanceData<Instance>(); }
inline std::shared_ptr<Dispatcher> dispatcherOf(Napi::Env env) { return addonOf(env)->dispatcher; }

// Throws a JavaScript Error with a `code`.
[[noreturn]] void fail(Napi::Env env, const char* code, const std::string& message);

// A GObject reference of our own, for threads and lambdas.
template <typename T>
class Held {
 public:
  explicit Held(T* object) : object_(object) {
    if (object_ != nullptr) g_object_ref(object_);
  }
  Held(const Held& other) : Held(other.object_) {}
  Held(Held&& other) noexcept : object_(other.object_) { other.object_ = nullptr; }
  Held& operator=(Held other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Held() {
    if (object_ != nullptr) g_object_unref(object_);
  }
  // Takes over a reference that somebody else made.
  static Held adopt(T* object) {
    Held held(nullptr);
    held.object_ = object;
    return held;
  }
  T* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  T* object_;
};

// Handles: what JavaScript holds, an external with a type tag around one strong reference.
Napi::Value newHandle(Napi::Env env, gpointer object);       // takes a reference of its own
Napi::Value adoptHandle(Napi::Env env, gpointer object);     // takes over the caller's; null for null
bool isHandle(Napi::Value value);
GObject* objectArg(const Napi::CallbackInfo& info, size_t index);
GstElement* elementArg(const Napi::CallbackInfo& info, size_t index);
GstBin* binArg(const Napi::CallbackInfo& info, size_t index);
GstPipeline* pipelineArg(const Napi::CallbackInfo& info, size_t index);
GstPad* padArg(const Napi::CallbackInfo& info, size_t index);
GObject* handleObject(Napi::Value value);  // must be a handle; null when it was disposed

// Other arguments; they throw `bad-type` or `bad-value`.
std::string stringArg(const Napi::CallbackInfo& info, size_t index);
bool isNullish(const Napi::CallbackInfo& info, size_t index);
GstClockTime timeArg(const Napi::CallbackInfo& info, size_t index);  // NONE for null
Napi::Function functionArg(const Napi::CallbackInfo& info, size_t index);

// Nanoseconds as a JavaScript number, null for NONE.
Napi::Value timeValue(Napi::Env env, GstClockTime time);
std::string objectName(gpointer object);
std::string takeString(gchar* text);  // frees it

void requireInit(Napi::Env env);

// Stops a pipeline for good on a thread of its own and drops one reference.
void reap(GstElement* pipeline);

// Runs work on a thread of its own; its result settles the promise on the JavaScript thread.
struct Outcome {
  std::string errorCode;  // empty: success
  std::string text;       // the error's message, or the result
  bool flag = false;      // the result where `text` is not used
  bool isFlag = false;
};
Napi::Value runAside(Napi::Env env, std::function<Outcome()> work, std::function<void(Napi::Env)> then = nullptr);

// Each file registers its functions.
void exportHandles(Napi::Env env, Napi::Object exports);
void exportProperties(Napi::Env env, Napi::Object exports);
void exportSignals(Napi::Env env, Napi::Object exports);
void exportElements(Napi::Env env, Napi::Object exports);
void exportPads(Napi::Env env, Napi::Object exports);
void exportGates(Napi::Env env, Napi::Object exports);
void exportBins(Napi::Env env, Napi::Object exports);
void exportState(Napi::Env env, Napi::Object exports);
void exportPipelines(Napi::Env env, Napi::Object exports);
void exportApp(Napi::Env env, Napi::Object exports);
void exportLog(Napi::Env env, Napi::Object exports);
void exportCrash(Napi::Env env, Napi::Object exports);

template <Napi::Value (*F)(const Napi::CallbackInfo&)>
void define(Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<F>(exports.Env(), name));
}
