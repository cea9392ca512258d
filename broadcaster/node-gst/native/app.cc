#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <chrono>
#include <condition_variable>
#include <deque>

#include "common.h"

namespace {

// Copying less than this costs less than an external buffer's bookkeeping does.
constexpr gsize kCopyBelow = 4096;
// Samples in one call to JavaScript; then others have their turn.
constexpr size_t kBatch = 64;

struct Item {
  GstSample* sample;  // null: EOS
  uint64_t droppedBefore;
};

struct Sink {
  std::shared_ptr<Dispatcher> dispatcher;
  uint64_t onSamples = 0;
  uint64_t onEos = 0;  // 0: nobody asked
  size_t maxQueued = 0;       // 0: no bound
  bool waitWhenFull = false;  // instead of dropping

  std::mutex mutex;
  std::condition_variable taken;
  std::deque<Item> waiting;
  bool detached = false;
  bool scheduled = false;
  uint64_t delivered = 0, bytes = 0, dropped = 0, droppedSince = 0;
  size_t maxSeen = 0;

  GstCaps* lastCaps = nullptr;  // JavaScript thread only

  ~Sink() {
    for (const Item& item : waiting) {
      if (item.sample != nullptr) gst_sample_unref(item.sample);
    }
    if (lastCaps != nullptr) gst_caps_unref(lastCaps);
  }
};

void drain(Napi::Env env, const std::shared_ptr<Sink>& sink);

// Holds the streaming thread until JavaScript has caught up, or the element is being stopped: its pad
// then flushes, which nobody tells us, so it is looked at now and then.
void waitForRoom(Sink& sink, GstAppSink* element, std::unique_lock<std::mutex>& lock) {
  GstPad* pad = GST_BASE_SINK_PAD(element);
  while (!sink.detached && sink.waiting.size() >= sink.maxQueued && !GST_PAD_IS_FLUSHING(pad)) {
    sink.taken.wait_for(lock, std::chrono::milliseconds(20));
    if (!sink.dispatcher->isOpen()) return;
  }
}

void push(const std::shared_ptr<Sink>& sink, GstAppSink* element, GstSample* sample) {
  std::unique_lock<std::mutex> lock(sink->mutex);
  bool bounded = sample != nullptr && sink->maxQueued > 0;
  if (bounded && sink->waitWhenFull) waitForRoom(*sink, element, lock);
  if (sink->detached || (bounded && sink->waiting.size() >= sink->maxQueued)) {
    if (!sink->detached) {
      sink->dropped++;
      sink->droppedSince++;
    }
    if (sample != nullptr) gst_sample_unref(sample);
    return;
  }
  sink->waiting.push_back({sample, sink->droppedSince});
  sink->droppedSince = 0;
  sink->maxSeen = std::max(sink->maxSeen, sink->waiting.size());
  if (!sink->scheduled) sink->scheduled = sink->dispatcher->post([sink](Napi::Env env) { drain(env, sink); });
}

// Streaming thread.
GstFlowReturn onNewSample(GstAppSink* element, gpointer data) {
  auto& sink = *static_cast<std::shared_ptr<Sink>*>(data);
  while (GstSample* sample = gst_app_sink_try_pull_sample(element, 0)) push(sink, element, sample);
  return GST_FLOW_OK;
}

void onEos(GstAppSink* element, gpointer data) {
  push(*static_cast<std::shared_ptr<Sink>*>(data), element, nullptr);
}

struct Mapped {
  GstBuffer* buffer;
  GstMapInfo map;
};

void unmap(napi_env, void*, void* hint) {
  auto* mapped = static_cast<Mapped*>(hint);
  gst_buffer_unmap(mapped->buffer, &mapped->map);
  gst_buffer_unref(mapped->buffer);
  delete mapped;
}

Napi::Value copyBytes(Napi::Env env, GstBuffer* buffer, gsize size) {
  auto copy = Napi::Buffer<uint8_t>::New(env, size);
  if (size > 0) gst_buffer_extract(buffer, 0, copy.Data(), size);
  return copy;
}

// The bytes over GStreamer's memory where holding it hurts nobody: a pool would wait for its buffer until
// JavaScript's collector runs, and a buffer in several pieces would be copied to be mapped anyway.
Napi::Value bytesOf(Napi::Env env, GstBuffer* buffer) {
  gsize size = gst_buffer_get_size(buffer);
  if (size < kCopyBelow || buffer->pool != nullptr || gst_buffer_n_memory(buffer) != 1) return copyBytes(env, buffer, size);
  auto* mapped = new Mapped{gst_buffer_ref(buffer), GST_MAP_INFO_INIT};
  if (!gst_buffer_map(buffer, &mapped->map, GST_MAP_READ)) {
    gst_buffer_unref(buffer);
    delete mapped;
    return copyBytes(env, buffer, size);
  }
  napi_value result;
  if (napi_create_external_buffer(env, mapped->map.size, mapped->map.data, unmap, mapped, &result) == napi_ok) {
    return Napi::Value(env, result);
  }
  unmap(env, nullptr, mapped);  // this runtime allows no external buffers
  return copyBytes(env, buffer, size);
}

Napi::Value runningTime(Napi::Env env, const GstSegment* segment, GstClockTime time) {
  if (!GST_CLOCK_TIME_IS_VALID(time) || segment == nullptr || segment->format != GST_FORMAT_TIME) return env.Null();
  guint64 running = 0;
  int sign = gst_segment_to_running_time_full(segment, GST_FORMAT_TIME, time, &running);
  if (sign == 0) return env.Null();
  return Napi::Number::New(env, sign * static_cast<double>(running));
}

Napi::Value codecData(Napi::Env env, GstCaps* caps) {
  if (gst_caps_get_size(caps) == 0) return env.Undefined();
  const GValue* value = gst_structure_get_value(gst_caps_get_structure(caps, 0), "codec_data");
  GstBuffer* data = value != nullptr && GST_VALUE_HOLDS_BUFFER(value) ? gst_value_get_buffer(value) : nullptr;
  return data == nullptr ? env.Undefined() : copyBytes(env, data, gst_buffer_get_size(data));
}

Napi::Value sampleToJs(Napi::Env env, Sink& sink, const Item& item) {
  GstBuffer* buffer = gst_sample_get_buffer(item.sample);
  GstCaps* caps = gst_sample_get_caps(item.sample);
  const GstSegment* segment = gst_sample_get_segment(item.sample);
  Napi::Object out = Napi::Object::New(env);
  out.Set("data", bytesOf(env, buffer));
  out.Set("ptsNs", timeValue(env, GST_BUFFER_PTS(buffer)));
  out.Set("dtsNs", timeValue(env, GST_BUFFER_DTS(buffer)));
  out.Set("durationNs", timeValue(env, GST_BUFFER_DURATION(buffer)));
  out.Set("runningTimeNs", runningTime(env, segment, GST_BUFFER_PTS(buffer)));
  out.Set("dtsRunningTimeNs", runningTime(env, segment, GST_BUFFER_DTS(buffer)));
  out.Set("keyframe", Napi::Boolean::New(env, !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT)));
  out.Set("discont", Napi::Boolean::New(env, GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT)));
  out.Set("header", Napi::Boolean::New(env, GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_HEADER)));
  out.Set("droppedBefore", Napi::Number::New(env, static_cast<double>(item.droppedBefore)));
  bool changed = caps != nullptr && caps != sink.lastCaps && (sink.lastCaps == nullptr || !gst_caps_is_equal(caps, sink.lastCaps));
  if (caps != nullptr) gst_caps_replace(&sink.lastCaps, caps);
  out.Set("caps", changed ? Napi::Value(Napi::String::New(env, takeString(gst_caps_to_string(caps)))) : env.Undefined());
  out.Set("codecData", changed ? codecData(env, caps) : env.Undefined());
  return out;
}

void drain(Napi::Env env, const std::shared_ptr<Sink>& sink) {
  std::deque<Item> items;
  bool ended = false;
  {
    std::lock_guard<std::mutex> lock(sink->mutex);
    while (!ended && items.size() < kBatch && !sink->waiting.empty()) {
      ended = sink->waiting.front().sample == nullptr;
      if (!ended) items.push_back(sink->waiting.front());
      sink->waiting.pop_front();
    }
    sink->scheduled = false;
    if (!sink->waiting.empty()) sink->scheduled = sink->dispatcher->post([sink](Napi::Env env) { drain(env, sink); });
    sink->taken.notify_all();
    sink->delivered += items.size();
    for (const Item& item : items) sink->bytes += gst_buffer_get_size(gst_sample_get_buffer(item.sample));
  }
  if (!items.empty()) {
    Napi::Array list = Napi::Array::New(env, items.size());
    for (size_t i = 0; i < items.size(); i++) {
      Napi::HandleScope scope(env);
      list.Set(i, sampleToJs(env, *sink, items[i]));
      gst_sample_unref(items[i].sample);
    }
    sink->dispatcher->call(env, sink->onSamples, {list});
  }
  if (ended && sink->onEos != 0) sink->dispatcher->call(env, sink->onEos, {});
}

GstAppSink* sinkArg(const Napi::CallbackInfo& info) {
  GstElement* element = elementArg(info, 0);
  if (!GST_IS_APP_SINK(element)) fail(info.Env(), "wrong-element", objectName(element) + " is no appsink");
  return GST_APP_SINK(element);
}

GstAppSrc* sourceArg(const Napi::CallbackInfo& info) {
  GstElement* element = elementArg(info, 0);
  if (!GST_IS_APP_SRC(element)) fail(info.Env(), "wrong-element", objectName(element) + " is no appsrc");
  return GST_APP_SRC(element);
}

void detach(const std::shared_ptr<Sink>& sink) {
  std::deque<Item> rest;
  {
    std::lock_guard<std::mutex> lock(sink->mutex);
    sink->detached = true;
    rest.swap(sink->waiting);
    sink->taken.notify_all();
  }
  for (const Item& item : rest) {
    if (item.sample != nullptr) gst_sample_unref(item.sample);
  }
  sink->dispatcher->forget(sink->onSamples);
  sink->dispatcher->forget(sink->onEos);
}

Napi::Value stats(const Napi::CallbackInfo& info, Sink& sink) {
  Napi::Env env = info.Env();
  std::lock_guard<std::mutex> lock(sink.mutex);
  Napi::Object out = Napi::Object::New(env);
  out.Set("delivered", Napi::Number::New(env, static_cast<double>(sink.delivered)));
  out.Set("bytes", Napi::Number::New(env, static_cast<double>(sink.bytes)));
  out.Set("queued", Napi::Number::New(env, static_cast<double>(sink.waiting.size())));
  out.Set("maxQueuedSeen", Napi::Number::New(env, static_cast<double>(sink.maxSeen)));
  out.Set("dropped", Napi::Number::New(env, static_cast<double>(sink.dropped)));
  return out;
}

Napi::Value attachSink(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  GstAppSink* element = sinkArg(info);
  auto sink = std::make_shared<Sink>();
  sink->dispatcher = dispatcherOf(env);
  Napi::Function callback = functionArg(info, 1);
  if (!info[3].IsNumber() || info[3].As<Napi::Number>().Int64Value() < 0) fail(env, "bad-value", "maxQueued counts from 0 up");
  sink->maxQueued = info[3].As<Napi::Number>().Int64Value();
  sink->waitWhenFull = info[4].ToBoolean().Value();
  if (!isNullish(info, 2)) sink->onEos = sink->dispatcher->keep(functionArg(info, 2));
  sink->onSamples = sink->dispatcher->keep(callback);

  GstAppSinkCallbacks callbacks = {};
  callbacks.new_sample = onNewSample;
  callbacks.eos = onEos;
  gst_app_sink_set_callbacks(element, &callbacks, new std::shared_ptr<Sink>(sink),
                             [](gpointer data) { delete static_cast<std::shared_ptr<Sink>*>(data); });

  Napi::Object out = Napi::Object::New(env);
  // The callbacks stay on the element and throw samples away, so that the sink goes on flowing.
  out.Set("detach", Napi::Function::New(env, [sink](const Napi::CallbackInfo&) { detach(sink); }));
  out.Set("stats", Napi::Function::New(env, [sink](const Napi::CallbackInfo& call) { return stats(call, *sink); }));
  return out;
}

Napi::Value flow(Napi::Env env, GstFlowReturn result) {
  if (result > GST_FLOW_OK) result = GST_FLOW_OK;
  return Napi::String::New(env, result < GST_FLOW_NOT_SUPPORTED ? "error" : gst_flow_get_name(result));
}

Napi::Value pushBuffer(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  GstAppSrc* source = sourceArg(info);
  if (!info[1].IsTypedArray()) fail(env, "bad-type", "bytes were expected");
  auto bytes = info[1].As<Napi::TypedArray>();
  if (bytes.TypedArrayType() != napi_uint8_array && bytes.TypedArrayType() != napi_uint8_clamped_array) {
    fail(env, "bad-type", "bytes were expected");
  }
  gboolean block = FALSE;
  g_object_get(source, "block", &block, nullptr);
  if (block) fail(env, "would-block", objectName(source) + " has block=true, which would stop JavaScript");
  GstClockTime pts = timeArg(info, 2);
  GstClockTime dts = timeArg(info, 3);
  GstClockTime duration = timeArg(info, 4);
  gsize size = bytes.ByteLength();
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
  if (buffer == nullptr) fail(env, "internal", "no memory for a buffer of " + std::to_string(size) + " bytes");
  auto* from = static_cast<uint8_t*>(bytes.ArrayBuffer().Data()) + bytes.ByteOffset();
  if (size > 0) gst_buffer_fill(buffer, 0, from, size);
  GST_BUFFER_PTS(buffer) = pts;
  GST_BUFFER_DTS(buffer) = dts;
  GST_BUFFER_DURATION(buffer) = duration;
  return flow(env, gst_app_src_push_buffer(source, buffer));
}

Napi::Value setCaps(const Napi::CallbackInfo& info) {
  GstAppSrc* source = sourceArg(info);
  std::string text = stringArg(info, 1);
  GstCaps* caps = gst_caps_from_string(text.c_str());
  if (caps == nullptr) fail(info.Env(), "parse", "'" + text + "' is no caps");
  gst_app_src_set_caps(source, caps);
  gst_caps_unref(caps);
  return info.Env().Undefined();
}

Napi::Value endOfStream(const Napi::CallbackInfo& info) {
  return flow(info.Env(), gst_app_src_end_of_stream(sourceArg(info)));
}

}  // namespace

void exportApp(Napi::Env env, Napi::Object exports) {
  define<attachSink>(exports, "attachSink");
  define<pushBuffer>(exports, "pushBuffer");
  define<setCaps>(exports, "setCaps");
  define<endOfStream>(exports, "endOfStream");
}
