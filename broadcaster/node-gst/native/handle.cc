#include <atomic>
#include <cmath>
#include <thread>

#include "common.h"

namespace {

struct Ref {
  GObject* object;
  std::shared_ptr<Addon> addon;
};

const napi_type_tag kTag = {0x6e6f64652d677374, 0x68616e646c652d31};
std::atomic<int64_t> live{0};

void drop(Ref* ref) {
  GObject* object = ref->object;
  if (object == nullptr) return;
  ref->object = nullptr;
  live--;
  // The last unref may finalise an element, which is cheap in NULL. A pipeline that nobody refers to any
  // more may be running: it is stopped elsewhere first.
  bool running = GST_IS_PIPELINE(object) && (GST_STATE(object) > GST_STATE_NULL || GST_STATE_PENDING(object) > GST_STATE_NULL);
  if (running && ref->addon->pipelines.erase(GST_ELEMENT(object)) > 0) {
    reap(GST_ELEMENT(object));
    return;
  }
  if (GST_IS_PIPELINE(object)) ref->addon->pipelines.erase(GST_ELEMENT(object));
  g_object_unref(object);
}

void finalizeRef(Napi::Env, Ref* ref) {
  drop(ref);
  delete ref;
}

Ref* refOf(Napi::Value value) { return value.As<Napi::External<Ref>>().Data(); }

Napi::Value kind(const Napi::CallbackInfo& info) {
  GObject* object = objectArg(info, 0);
  const char* kind = GST_IS_PIPELINE(object)  ? "pipeline"
                     : GST_IS_BIN(object)     ? "bin"
                     : GST_IS_ELEMENT(object) ? "element"
                     : GST_IS_PAD(object)     ? "pad"
                                              : "object";
  return Napi::String::New(info.Env(), kind);
}

Napi::Value same(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), objectArg(info, 0) == objectArg(info, 1));
}

Napi::Value dispose(const Napi::CallbackInfo& info) {
  if (!isHandle(info[0])) fail(info.Env(), "bad-type", "not a handle");
  drop(refOf(info[0]));
  return info.Env().Undefined();
}

Napi::Value name(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), objectName(objectArg(info, 0)));
}

Napi::Value path(const Napi::CallbackInfo& info) {
  GObject* object = objectArg(info, 0);
  if (!GST_IS_OBJECT(object)) return Napi::String::New(info.Env(), objectName(object));
  return Napi::String::New(info.Env(), takeString(gst_object_get_path_string(GST_OBJECT(object))));
}

Napi::Value handleTest(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), isHandle(info[0]));
}

Napi::Value keepAlive(const Napi::CallbackInfo& info) {
  auto dispatcher = dispatcherOf(info.Env());
  if (info[0].ToBoolean().Value()) {
    dispatcher->begin();
  } else {
    dispatcher->end();
  }
  return info.Env().Undefined();
}

Napi::Value liveObjects(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(live.load()));
}

}  // namespace

void fail(Napi::Env env, const char* code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  throw error;
}

Napi::Value adoptHandle(Napi::Env env, gpointer object) {
  if (object == nullptr) return env.Null();
  Ref* ref = new Ref{G_OBJECT(object), addonOf(env)};
  live++;
  auto handle = Napi::External<Ref>::New(env, ref, finalizeRef);
  handle.TypeTag(&kTag);
  return handle;
}

Napi::Value newHandle(Napi::Env env, gpointer object) {
  return adoptHandle(env, object == nullptr ? nullptr : g_object_ref(object));
}

bool isHandle(Napi::Value value) {
  return value.IsExternal() && value.As<Napi::External<Ref>>().CheckTypeTag(&kTag);
}

GObject* handleObject(Napi::Value value) { return refOf(value)->object; }

GObject* objectArg(const Napi::CallbackInfo& info, size_t index) {
  if (!isHandle(info[index])) fail(info.Env(), "bad-type", "a GStreamer object was expected");
  GObject* object = handleObject(info[index]);
  if (object == nullptr) fail(info.Env(), "closed", "the object is closed");
  return object;
}

GstElement* elementArg(const Napi::CallbackInfo& info, size_t index) {
  GObject* object = objectArg(info, index);
  if (!GST_IS_ELEMENT(object)) fail(info.Env(), "bad-type", objectName(object) + " is not an element");
  return GST_ELEMENT(object);
}

GstBin* binArg(const Napi::CallbackInfo& info, size_t index) {
  GObject* object = objectArg(info, index);
  if (!GST_IS_BIN(object)) fail(info.Env(), "bad-type", objectName(object) + " is not a bin");
  return GST_BIN(object);
}

GstPipeline* pipelineArg(const Napi::CallbackInfo& info, size_t index) {
  GObject* object = objectArg(info, index);
  if (!GST_IS_PIPELINE(object)) fail(info.Env(), "bad-type", objectName(object) + " is not a pipeline");
  return GST_PIPELINE(object);
}

GstPad* padArg(const Napi::CallbackInfo& info, size_t index) {
  GObject* object = objectArg(info, index);
  if (!GST_IS_PAD(object)) fail(info.Env(), "bad-type", objectName(object) + " is not a pad");
  return GST_PAD(object);
}

std::string stringArg(const Napi::CallbackInfo& info, size_t index) {
  if (!info[index].IsString()) fail(info.Env(), "bad-type", "a string was expected");
  return info[index].As<Napi::String>().Utf8Value();
}

bool isNullish(const Napi::CallbackInfo& info, size_t index) {
  return info[index].IsNull() || info[index].IsUndefined();
}

Napi::Function functionArg(const Napi::CallbackInfo& info, size_t index) {
  if (!info[index].IsFunction()) fail(info.Env(), "bad-type", "a function was expected");
  return info[index].As<Napi::Function>();
}

GstClockTime timeArg(const Napi::CallbackInfo& info, size_t index) {
  if (isNullish(info, index)) return GST_CLOCK_TIME_NONE;
  if (info[index].IsBigInt()) {
    bool lossless = false;
    uint64_t time = info[index].As<Napi::BigInt>().Uint64Value(&lossless);
    if (lossless && time != GST_CLOCK_TIME_NONE) return time;
  } else if (info[index].IsNumber()) {
    double time = info[index].As<Napi::Number>().DoubleValue();
    if (std::isfinite(time) && time >= 0 && time < 9.2e18) return static_cast<GstClockTime>(std::llround(time));
  } else {
    fail(info.Env(), "bad-type", "a time in nanoseconds was expected");
  }
  fail(info.Env(), "bad-value", "a time is a count of nanoseconds from 0 up");
}

Napi::Value timeValue(Napi::Env env, GstClockTime time) {
  if (!GST_CLOCK_TIME_IS_VALID(time)) return env.Null();
  return Napi::Number::New(env, static_cast<double>(time));
}

std::string takeString(gchar* text) {
  std::string result = text == nullptr ? "" : text;
  g_free(text);
  return result;
}

std::string objectName(gpointer object) {
  if (object != nullptr && GST_IS_OBJECT(object)) return takeString(gst_object_get_name(GST_OBJECT(object)));
  return object == nullptr ? "nothing" : G_OBJECT_TYPE_NAME(object);
}

void requireInit(Napi::Env env) {
  if (!gst_is_initialized()) fail(env, "not-initialised", "init() has not been called");
}

void reap(GstElement* pipeline) {
  try {
    std::thread([pipeline] {
      gst_element_set_state(pipeline, GST_STATE_NULL);
      gst_object_unref(pipeline);
    }).detach();
  } catch (const std::system_error&) {
    // No thread to be had: stop it here rather than finalise it while it runs.
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline);
  }
}

Napi::Value runAside(Napi::Env env, std::function<Outcome()> work, std::function<void(Napi::Env)> then) {
  auto deferred = Napi::Promise::Deferred::New(env);
  auto dispatcher = dispatcherOf(env);
  std::thread thread([deferred, dispatcher, work = std::move(work), then = std::move(then)]() mutable {
    Outcome outcome = work();
    work = nullptr;  // whatever it holds is let go before JavaScript hears of the end
    dispatcher->post([deferred, outcome, then, raw = dispatcher.get()](Napi::Env env) {
      raw->end();
      if (then) then(env);
      if (!outcome.errorCode.empty()) {
        Napi::Error error = Napi::Error::New(env, outcome.text);
        error.Set("code", Napi::String::New(env, outcome.errorCode));
        deferred.Reject(error.Value());
      } else if (outcome.isFlag) {
        deferred.Resolve(Napi::Boolean::New(env, outcome.flag));
      } else {
        deferred.Resolve(Napi::String::New(env, outcome.text));
      }
    });
  });
  thread.detach();
  dispatcher->begin();
  return deferred.Promise();
}

void exportHandles(Napi::Env env, Napi::Object exports) {
  define<handleTest>(exports, "isHandle");
  define<kind>(exports, "kind");
  define<same>(exports, "same");
  define<dispose>(exports, "dispose");
  define<name>(exports, "name");
  define<path>(exports, "path");
  define<keepAlive>(exports, "keepAlive");
  define<liveObjects>(exports, "liveObjects");
}
