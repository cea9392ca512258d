#include <gst/video/video.h>

#include <atomic>
#include <utility>

#include "common.h"

namespace {

Napi::Value padLink(const Napi::CallbackInfo& info) {
  GstPad* source = padArg(info, 0);
  GstPad* sink = padArg(info, 1);
  std::string what = takeString(gst_object_get_path_string(GST_OBJECT(source))) + " -> " +
                     takeString(gst_object_get_path_string(GST_OBJECT(sink)));
  if (!GST_PAD_IS_SRC(source) || !GST_PAD_IS_SINK(sink)) fail(info.Env(), "link-failed", what + ": wrong direction");
  GstPadLinkReturn result = gst_pad_link(source, sink);
  if (result != GST_PAD_LINK_OK) fail(info.Env(), "link-failed", what + ": " + gst_pad_link_get_name(result));
  return info.Env().Undefined();
}

Napi::Value padUnlink(const Napi::CallbackInfo& info) {
  GstPad* pad = padArg(info, 0);
  auto peer = Held<GstPad>::adopt(gst_pad_get_peer(pad));
  if (peer) {
    if (GST_PAD_IS_SRC(pad)) {
      gst_pad_unlink(pad, peer.get());
    } else {
      gst_pad_unlink(peer.get(), pad);
    }
  }
  return info.Env().Undefined();
}

Napi::Value padPeer(const Napi::CallbackInfo& info) {
  return adoptHandle(info.Env(), gst_pad_get_peer(padArg(info, 0)));
}

Napi::Value padParent(const Napi::CallbackInfo& info) {
  return adoptHandle(info.Env(), gst_pad_get_parent_element(padArg(info, 0)));
}

Napi::Value padCaps(const Napi::CallbackInfo& info) {
  GstCaps* caps = gst_pad_get_current_caps(padArg(info, 0));
  if (caps == nullptr) return info.Env().Null();
  std::string text = takeString(gst_caps_to_string(caps));
  gst_caps_unref(caps);
  return Napi::String::New(info.Env(), text);
}

Napi::Value padDirection(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), GST_PAD_IS_SRC(padArg(info, 0)) ? "src" : "sink");
}

struct Count {
  std::atomic<uint64_t> buffers{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<GstClockTime> lastPts{GST_CLOCK_TIME_NONE};
  std::atomic<gint64> lastAtUs{0};

  void add(GstBuffer* buffer) {
    buffers.fetch_add(1, std::memory_order_relaxed);
    bytes.fetch_add(gst_buffer_get_size(buffer), std::memory_order_relaxed);
    if (GST_BUFFER_PTS_IS_VALID(buffer)) lastPts.store(GST_BUFFER_PTS(buffer), std::memory_order_relaxed);
    lastAtUs.store(g_get_monotonic_time(), std::memory_order_relaxed);
  }
};

GstPadProbeReturn onBuffer(GstPad*, GstPadProbeInfo* info, gpointer data) {
  auto& count = **static_cast<std::shared_ptr<Count>*>(data);
  if ((info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0) {
    GstBufferList* list = gst_pad_probe_info_get_buffer_list(info);
    for (guint i = 0; i < gst_buffer_list_length(list); i++) count.add(gst_buffer_list_get(list, i));
  } else if (GstBuffer* buffer = gst_pad_probe_info_get_buffer(info)) {
    count.add(buffer);
  }
  return GST_PAD_PROBE_OK;
}

Napi::Value countBuffers(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto pad = std::make_shared<Held<GstPad>>(padArg(info, 0));
  auto count = std::make_shared<Count>();
  gulong probe = gst_pad_add_probe(
      pad->get(), static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST), onBuffer,
      new std::shared_ptr<Count>(count), [](gpointer data) { delete static_cast<std::shared_ptr<Count>*>(data); });
  Napi::Object counter = Napi::Object::New(env);
  counter.Set("read", Napi::Function::New(env, [count](const Napi::CallbackInfo& call) -> Napi::Value {
    Napi::Env env = call.Env();
    Napi::Object result = Napi::Object::New(env);
    gint64 lastAtUs = count->lastAtUs.load();
    result.Set("buffers", Napi::Number::New(env, static_cast<double>(count->buffers.load())));
    result.Set("bytes", Napi::Number::New(env, static_cast<double>(count->bytes.load())));
    result.Set("lastPtsNs", timeValue(env, count->lastPts.load()));
    result.Set("ageMs", lastAtUs == 0 ? env.Null()
                                      : Napi::Value(Napi::Number::New(env, (g_get_monotonic_time() - lastAtUs) / 1000.0)));
    return result;
  }));
  counter.Set("close", Napi::Function::New(env, [pad, probe](const Napi::CallbackInfo&) mutable {
    if (pad == nullptr) return;
    gst_pad_remove_probe(pad->get(), probe);
    pad.reset();
  }));
  return counter;
}

// A query passes a pad twice: on its way (PUSH), and answered (PULL).
GstPadProbeReturn onLatencyAnswer(GstPad*, GstPadProbeInfo* info, gpointer data) {
  GstQuery* query = gst_pad_probe_info_get_query(info);
  if ((info->type & GST_PAD_PROBE_TYPE_PULL) == 0 || GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return GST_PAD_PROBE_OK;
  gboolean live = FALSE;
  GstClockTime min = 0;
  GstClockTime max = GST_CLOCK_TIME_NONE;
  gst_query_parse_latency(query, &live, &min, &max);
  gst_query_set_latency(query, live, MIN(min, *static_cast<GstClockTime*>(data)), max);
  return GST_PAD_PROBE_OK;
}

Napi::Value capLatency(const Napi::CallbackInfo& info) {
  GstPad* pad = padArg(info, 0);
  GstClockTime most = timeArg(info, 1);
  if (!GST_PAD_IS_SRC(pad)) fail(info.Env(), "bad-type", "a source pad was expected");
  gst_pad_add_probe(pad, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_QUERY_UPSTREAM | GST_PAD_PROBE_TYPE_PULL),
                    onLatencyAnswer, new GstClockTime(most),
                    [](gpointer data) { delete static_cast<GstClockTime*>(data); });
  return info.Env().Undefined();
}

Napi::Value blockPad(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto pad = std::make_shared<Held<GstPad>>(padArg(info, 0));
  gulong probe = gst_pad_add_probe(
      pad->get(), GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
      [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; }, nullptr, nullptr);
  return Napi::Function::New(env, [pad, probe](const Napi::CallbackInfo&) mutable {
    if (pad == nullptr) return;
    gst_pad_remove_probe(pad->get(), probe);
    pad.reset();
  });
}

struct Leap {
  std::atomic<uint64_t> expectedNs{0};
  GstClockTime lastPts = GST_CLOCK_TIME_NONE;  // the streaming thread's alone
};

// Decoders conceal no more than they have in one packet. What is left over goes with the last piece: opusdec leaves out less than
// 2.5 ms, and gives what comes after it the time of what was left out.
constexpr GstClockTime GAP_PIECE = 20 * GST_MSECOND;

GstPadProbeReturn onLeapingBuffer(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  auto& leap = **static_cast<std::shared_ptr<Leap>*>(data);
  GstClockTime pts = GST_BUFFER_PTS(gst_pad_probe_info_get_buffer(info));
  if (!GST_CLOCK_TIME_IS_VALID(pts)) return GST_PAD_PROBE_OK;
  GstClockTime before = std::exchange(leap.lastPts, pts);
  if (!GST_CLOCK_TIME_IS_VALID(before)) leap.expectedNs = 0;  // nothing was there to leap from
  uint64_t ns = leap.expectedNs;
  // What was under way when it was announced still goes on as before.
  if (ns == 0 || pts < before + ns) return GST_PAD_PROBE_OK;
  if (!leap.expectedNs.compare_exchange_strong(ns, 0)) return GST_PAD_PROBE_OK;
  for (GstClockTime at = pts - ns; at < pts;) {
    GstClockTime piece = pts - at < 2 * GAP_PIECE ? pts - at : GAP_PIECE;
    gst_pad_push_event(pad, gst_event_new_gap(at, piece));
    at += piece;
  }
  return GST_PAD_PROBE_OK;
}

Napi::Value markLeaps(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto pad = std::make_shared<Held<GstPad>>(padArg(info, 0));
  if (!GST_PAD_IS_SRC(pad->get())) fail(env, "bad-type", "a source pad was expected");
  auto leap = std::make_shared<Leap>();
  gulong probe = gst_pad_add_probe(pad->get(), GST_PAD_PROBE_TYPE_BUFFER, onLeapingBuffer, new std::shared_ptr<Leap>(leap),
                                   [](gpointer data) { delete static_cast<std::shared_ptr<Leap>*>(data); });
  Napi::Object marker = Napi::Object::New(env);
  marker.Set("expect", Napi::Function::New(env, [leap](const Napi::CallbackInfo& call) {
    GstClockTime ns = timeArg(call, 0);
    leap->expectedNs = GST_CLOCK_TIME_IS_VALID(ns) ? ns : 0;
  }));
  marker.Set("close", Napi::Function::New(env, [pad, probe](const Napi::CallbackInfo&) mutable {
    if (pad == nullptr) return;
    gst_pad_remove_probe(pad->get(), probe);
    pad.reset();
  }));
  return marker;
}

Napi::Value forceKeyUnit(const Napi::CallbackInfo& info) {
  GObject* object = objectArg(info, 0);
  GstClockTime at = timeArg(info, 1);
  bool allHeaders = info[2].ToBoolean().Value();
  guint count = info[3].IsNumber() ? info[3].As<Napi::Number>().Uint32Value() : 0;
  if (!GST_IS_PAD(object) && !GST_IS_ELEMENT(object)) fail(info.Env(), "bad-type", "an element or a pad was expected");
  GstEvent* event = gst_video_event_new_upstream_force_key_unit(at, allHeaders, count);
  bool taken = false;
  if (GST_IS_PAD(object)) {
    GstPad* pad = GST_PAD(object);
    taken = GST_PAD_IS_SRC(pad) ? gst_pad_send_event(pad, event) : gst_pad_push_event(pad, event);
  } else if (auto source = Held<GstPad>::adopt(gst_element_get_static_pad(GST_ELEMENT(object), "src"))) {
    taken = gst_pad_send_event(source.get(), event);
  } else {
    taken = gst_element_send_event(GST_ELEMENT(object), event);
  }
  return Napi::Boolean::New(info.Env(), taken);
}

}  // namespace

void exportPads(Napi::Env env, Napi::Object exports) {
  define<padLink>(exports, "padLink");
  define<padUnlink>(exports, "padUnlink");
  define<padPeer>(exports, "padPeer");
  define<padParent>(exports, "padParent");
  define<padCaps>(exports, "padCaps");
  define<padDirection>(exports, "padDirection");
  define<countBuffers>(exports, "countBuffers");
  define<capLatency>(exports, "capLatency");
  define<blockPad>(exports, "blockPad");
  define<markLeaps>(exports, "markLeaps");
  define<forceKeyUnit>(exports, "forceKeyUnit");
}
