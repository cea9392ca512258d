#include "pipeline.h"

#include <thread>

#include "value.h"

namespace {

GQuark busQuark() {
  static const GQuark quark = g_quark_from_static_string("node-gst-bus");
  return quark;
}

GQuark mutedQuark() {
  static const GQuark quark = g_quark_from_static_string("node-gst-muted");
  return quark;
}

Held<GstObject> parentOf(const Held<GstObject>& object) {
  return Held<GstObject>::adopt(gst_object_get_parent(object.get()));
}

Held<GstObject> topOf(GstObject* object) {
  Held<GstObject> top(object);
  for (Held<GstObject> up = parentOf(top); up; up = parentOf(top)) top = up;
  return top;
}

bool isMuted(GstObject* source) {
  for (Held<GstObject> at(source); at; at = parentOf(at)) {
    if (g_object_get_qdata(G_OBJECT(at.get()), mutedQuark()) != nullptr) return true;
  }
  return false;
}

void setText(Napi::Object out, const char* key, const gchar* text) {
  if (text != nullptr) out.Set(key, Napi::String::New(out.Env(), takeString(g_utf8_make_valid(text, -1))));
}

void setError(Napi::Object out, GstMessage* message,
              void (*parse)(GstMessage*, GError**, gchar**)) {
  GError* error = nullptr;
  gchar* debug = nullptr;
  parse(message, &error, &debug);
  if (error != nullptr) {
    setText(out, "message", error->message);
    setText(out, "domain", g_quark_to_string(error->domain));
    out.Set("errorCode", Napi::Number::New(out.Env(), error->code));
    g_error_free(error);
  }
  setText(out, "debug", debug);
  g_free(debug);
}

void setState(Napi::Object out, const char* key, GstState state) {
  out.Set(key, Napi::String::New(out.Env(), takeString(g_ascii_strdown(gst_element_state_get_name(state), -1))));
}

Napi::Value messageToJs(Napi::Env env, GstMessage* message) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("type", Napi::String::New(env, GST_MESSAGE_TYPE_NAME(message)));
  GstObject* source = GST_MESSAGE_SRC(message);
  out.Set("source", Napi::String::New(env, source == nullptr ? "" : objectName(source)));
  out.Set("path", Napi::String::New(env, source == nullptr ? "" : takeString(gst_object_get_path_string(source))));
  out.Set("seqnum", Napi::Number::New(env, gst_message_get_seqnum(message)));
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
      setError(out, message, gst_message_parse_error);
      break;
    case GST_MESSAGE_WARNING:
      setError(out, message, gst_message_parse_warning);
      break;
    case GST_MESSAGE_INFO:
      setError(out, message, gst_message_parse_info);
      break;
    case GST_MESSAGE_STATE_CHANGED: {
      GstState before, now, pending;
      gst_message_parse_state_changed(message, &before, &now, &pending);
      setState(out, "oldState", before);
      setState(out, "newState", now);
      setState(out, "pendingState", pending);
      break;
    }
    case GST_MESSAGE_TAG:            // no plain form
    case GST_MESSAGE_STREAM_STATUS:  // talks of threads and tasks
      break;
    default:
      if (const GstStructure* structure = gst_message_get_structure(message)) {
        setText(out, "structureName", gst_structure_get_name(structure));
        out.Set("structure", Napi::String::New(env, takeString(gst_structure_to_string(structure))));
        out.Set("fields", structureFields(env, structure));
      }
  }
  return out;
}

void deliverMessages(Napi::Env env, const std::shared_ptr<Bus>& bus) {
  std::deque<GstMessage*> messages;
  {
    std::lock_guard<std::mutex> lock(bus->mutex);
    messages.swap(bus->waiting);
    bus->scheduled = false;
  }
  Napi::Array list = Napi::Array::New(env);
  for (GstMessage* message : messages) {
    list.Set(list.Length(), messageToJs(env, message));
    gst_message_unref(message);
  }
  bus->dispatcher->call(env, bus->callback, {list});
}

void noteError(Bus& bus, GstMessage* message) {
  GError* error = nullptr;
  gchar* debug = nullptr;
  gst_message_parse_error(message, &error, &debug);
  std::lock_guard<std::mutex> lock(bus.mutex);
  bus.errors++;
  bus.lastErrors.push_back(objectName(GST_MESSAGE_SRC(message)) + ": " + (error == nullptr ? "" : error->message) +
                           (debug == nullptr ? "" : std::string(" (") + debug + ")"));
  if (bus.lastErrors.size() > 8) bus.lastErrors.pop_front();
  g_clear_error(&error);
  g_free(debug);
}

// Streaming threads must not do it themselves: the query and the event may wait for the very stream
// that posted the message. Messages that come while one is under way are answered by that one or the next.
void recalculateAside(const std::shared_ptr<Bus>& bus, GstElement* pipeline) {
  if (bus->latencyUnderWay.exchange(true)) return;
  Held<GstElement> held(pipeline);
  try {
    std::thread([held, bus] {
      bus->latencyUnderWay = false;
      gst_bin_recalculate_latency(GST_BIN(held.get()));
    }).detach();
  } catch (const std::system_error&) {
    bus->latencyUnderWay = false;
  }
}

// Any thread. Everything ends here (DROP): nobody pops this bus.
GstBusSyncReply onMessage(GstBus*, GstMessage* message, gpointer data) {
  auto bus = *static_cast<std::shared_ptr<Bus>*>(data);
  GstObject* source = GST_MESSAGE_SRC(message);
  bool muted = source != nullptr && isMuted(source);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR && !muted) noteError(*bus, message);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_LATENCY && bus->autoLatency && source != nullptr) {
    Held<GstObject> top = topOf(source);
    if (GST_IS_PIPELINE(top.get())) recalculateAside(bus, GST_ELEMENT(top.get()));
  }
  if (!muted && bus->callback != 0) {
    std::lock_guard<std::mutex> lock(bus->mutex);
    bus->waiting.push_back(gst_message_ref(message));
    if (!bus->scheduled) {
      bus->scheduled = bus->dispatcher->post([bus](Napi::Env env) { deliverMessages(env, bus); });
    }
  }
  gst_message_unref(message);
  return GST_BUS_DROP;
}

Napi::Value parseLaunch(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  requireInit(env);
  std::string description = stringArg(info, 0);
  GError* error = nullptr;
  GstElement* parsed = gst_parse_launch_full(description.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  if (error != nullptr || parsed == nullptr) {
    std::string message = error == nullptr ? "nothing to parse" : error->message;
    g_clear_error(&error);
    if (parsed != nullptr) gst_object_unref(gst_object_ref_sink(parsed));
    fail(env, "parse", message);
  }
  GstElement* pipeline = parsed;
  if (!GST_IS_PIPELINE(parsed)) {  // a description of a single element
    pipeline = gst_pipeline_new(nullptr);
    gst_bin_add(GST_BIN(pipeline), parsed);
  }
  gst_object_ref_sink(pipeline);

  auto bus = std::make_shared<Bus>();
  bus->dispatcher = dispatcherOf(env);
  auto freeBus = [](gpointer data) { delete static_cast<std::shared_ptr<Bus>*>(data); };
  g_object_set_qdata_full(G_OBJECT(pipeline), busQuark(), new std::shared_ptr<Bus>(bus), freeBus);
  GstBus* gstBus = gst_element_get_bus(pipeline);
  gst_bus_set_sync_handler(gstBus, onMessage, new std::shared_ptr<Bus>(bus), freeBus);
  gst_object_unref(gstBus);

  Napi::Value handle = adoptHandle(env, pipeline);
  addonOf(env)->pipelines.insert(pipeline);
  return handle;
}

Napi::Value onBus(const Napi::CallbackInfo& info) {
  auto bus = busOf(GST_ELEMENT(pipelineArg(info, 0)));
  if (bus == nullptr) fail(info.Env(), "closed", "the pipeline has no bus");
  uint64_t old = bus->callback;
  bus->callback = isNullish(info, 1) ? 0 : bus->dispatcher->keep(functionArg(info, 1));
  bus->dispatcher->forget(old);
  return info.Env().Undefined();
}

Napi::Value setAutoLatency(const Napi::CallbackInfo& info) {
  auto bus = busOf(GST_ELEMENT(pipelineArg(info, 0)));
  if (bus != nullptr) bus->autoLatency = info[1].ToBoolean().Value();
  return info.Env().Undefined();
}

Napi::Value closePipeline(const Napi::CallbackInfo& info) {
  Held<GstElement> pipeline(GST_ELEMENT(pipelineArg(info, 0)));
  auto bus = busOf(pipeline.get());
  if (bus != nullptr) {
    bus->dispatcher->forget(bus->callback);
    bus->callback = 0;
  }
  auto addon = addonOf(info.Env());
  return runAside(
      info.Env(),
      [pipeline]() -> Outcome {
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
        return {};
      },
      [addon, raw = pipeline.get()](Napi::Env) { addon->pipelines.erase(raw); });
}

Napi::Value clockNow(const Napi::CallbackInfo& info) {
  GstClock* clock = gst_element_get_clock(GST_ELEMENT(pipelineArg(info, 0)));
  if (clock == nullptr) clock = gst_pipeline_get_clock(pipelineArg(info, 0));
  if (clock == nullptr) clock = gst_system_clock_obtain();
  GstClockTime now = gst_clock_get_time(clock);
  gst_object_unref(clock);
  return Napi::BigInt::New(info.Env(), static_cast<uint64_t>(now));
}

Napi::Value baseTime(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), static_cast<uint64_t>(gst_element_get_base_time(GST_ELEMENT(pipelineArg(info, 0)))));
}

Napi::Value setBaseTime(const Napi::CallbackInfo& info) {
  GstPipeline* pipeline = pipelineArg(info, 0);
  GstClockTime time = timeArg(info, 1);
  if (!GST_CLOCK_TIME_IS_VALID(time)) fail(info.Env(), "bad-type", "a base time was expected");
  gst_element_set_base_time(GST_ELEMENT(pipeline), time);
  return info.Env().Undefined();
}

Napi::Value setStartTimeNone(const Napi::CallbackInfo& info) {
  gst_element_set_start_time(GST_ELEMENT(pipelineArg(info, 0)), GST_CLOCK_TIME_NONE);
  return info.Env().Undefined();
}

Napi::Value useClock(const Napi::CallbackInfo& info) {
  GstPipeline* pipeline = pipelineArg(info, 0);
  std::string kind = stringArg(info, 1);
  if (kind != "monotonic" && kind != "realtime") fail(info.Env(), "bad-value", "there is no clock '" + kind + "'");
  auto* clock = GST_CLOCK(g_object_new(GST_TYPE_SYSTEM_CLOCK, "clock-type",
                                       kind == "realtime" ? GST_CLOCK_TYPE_REALTIME : GST_CLOCK_TYPE_MONOTONIC, nullptr));
  gst_object_ref_sink(clock);
  gst_pipeline_use_clock(pipeline, clock);
  gst_object_unref(clock);
  return info.Env().Undefined();
}

Napi::Value latency(const Napi::CallbackInfo& info) {
  GstQuery* query = gst_query_new_latency();
  gboolean live = FALSE;
  GstClockTime min = 0;
  GstClockTime max = GST_CLOCK_TIME_NONE;
  if (gst_element_query(GST_ELEMENT(pipelineArg(info, 0)), query)) gst_query_parse_latency(query, &live, &min, &max);
  gst_query_unref(query);
  Napi::Object out = Napi::Object::New(info.Env());
  out.Set("live", Napi::Boolean::New(info.Env(), live));
  out.Set("minNs", Napi::Number::New(info.Env(), static_cast<double>(min)));
  out.Set("maxNs", timeValue(info.Env(), max));
  return out;
}

Napi::Value recalculateLatency(const Napi::CallbackInfo& info) {
  Held<GstBin> pipeline(GST_BIN(pipelineArg(info, 0)));
  return runAside(info.Env(), [pipeline] {
    Outcome outcome;
    outcome.isFlag = true;
    outcome.flag = gst_bin_recalculate_latency(pipeline.get());
    return outcome;
  });
}

Napi::Value setFixedLatency(const Napi::CallbackInfo& info) {
  gst_pipeline_set_latency(pipelineArg(info, 0), timeArg(info, 1));
  return info.Env().Undefined();
}

}  // namespace

Bus::~Bus() {
  for (GstMessage* message : waiting) gst_message_unref(message);
}

std::shared_ptr<Bus> busOf(GstElement* element) {
  Held<GstObject> top = topOf(GST_OBJECT(element));
  auto* bus = static_cast<std::shared_ptr<Bus>*>(g_object_get_qdata(G_OBJECT(top.get()), busQuark()));
  return bus == nullptr ? nullptr : *bus;
}

void muteBus(GstElement* bin) { g_object_set_qdata(G_OBJECT(bin), mutedQuark(), bin); }

void exportPipelines(Napi::Env env, Napi::Object exports) {
  define<parseLaunch>(exports, "parseLaunch");
  define<onBus>(exports, "onBus");
  define<setAutoLatency>(exports, "setAutoLatency");
  define<closePipeline>(exports, "closePipeline");
  define<clockNow>(exports, "clockNow");
  define<baseTime>(exports, "baseTime");
  define<setBaseTime>(exports, "setBaseTime");
  define<setStartTimeNone>(exports, "setStartTimeNone");
  define<useClock>(exports, "useClock");
  define<latency>(exports, "latency");
  define<recalculateLatency>(exports, "recalculateLatency");
  define<setFixedLatency>(exports, "setFixedLatency");
}
