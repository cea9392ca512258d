#include <atomic>
#include <cmath>
#include <deque>
#include <mutex>
#include <utility>

#include <gst/video/video.h>

#include "common.h"

// A gate on a source pad that decides, frame by frame and before any work is done on them, which frames of a raw stream
// on a fixed grid go on. Frames are known by their running time, so that gates on several pads agree without a word.

namespace {

struct Gate {
  GstClockTime frameNs = 0;
  uint64_t groupFrames = 1;  // key frames stand at its multiples
  uint64_t partFrames = 1;   // the first frame of each part is never dropped for being late
  bool keyFrames = false;    // ask for one, downstream, at the first frame of each group
  std::atomic<uint64_t> every{1};
  std::atomic<uint64_t> dropLaterNs{GST_CLOCK_TIME_NONE};

  std::mutex mutex;
  std::deque<std::pair<uint64_t, bool>> turns;  // from that frame on: open or not
  bool open = true;

  std::atomic<uint64_t> passed{0};
  std::atomic<uint64_t> late{0};
  std::atomic<uint64_t> left{0};
  std::atomic<uint64_t> newest{0};
  std::atomic<int64_t> worstNs{INT64_MIN};

  bool isOpen(uint64_t frame) {
    std::lock_guard<std::mutex> lock(mutex);
    while (!turns.empty() && turns.front().first <= frame) {
      open = turns.front().second;
      turns.pop_front();
    }
    return open;
  }
};

void raise(std::atomic<int64_t>& most, int64_t value) {
  int64_t seen = most.load();
  while (value > seen && !most.compare_exchange_weak(seen, value)) {
  }
}

GstClockTime runningTimeOf(GstPad* pad, GstBuffer* buffer) {
  GstClockTime time = GST_CLOCK_TIME_NONE;
  GstEvent* event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
  if (event == nullptr) return time;
  const GstSegment* segment = nullptr;
  gst_event_parse_segment(event, &segment);
  if (segment->format == GST_FORMAT_TIME) time = gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  gst_event_unref(event);
  return time;
}

GstPadProbeReturn onFrame(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  auto& gate = **static_cast<std::shared_ptr<Gate>*>(data);
  GstBuffer* buffer = gst_pad_probe_info_get_buffer(info);
  if (buffer == nullptr || !GST_BUFFER_PTS_IS_VALID(buffer)) return GST_PAD_PROBE_OK;
  GstClockTime time = runningTimeOf(pad, buffer);
  auto parent = Held<GstElement>::adopt(gst_pad_get_parent_element(pad));
  if (!GST_CLOCK_TIME_IS_VALID(time) || !parent) return GST_PAD_PROBE_OK;
  uint64_t frame = (time + gate.frameNs / 2) / gate.frameNs;
  uint64_t inGroup = frame % gate.groupFrames;
  gate.newest = frame;
  uint64_t inPart = inGroup % gate.partFrames;
  if (!gate.isOpen(frame) || inPart % gate.every != 0) {
    gate.left++;
    return GST_PAD_PROBE_DROP;
  }
  GstClockTime now = gst_element_get_current_running_time(parent.get());
  if (GST_CLOCK_TIME_IS_VALID(now)) {
    int64_t lateNs = static_cast<int64_t>(now) - static_cast<int64_t>(time);
    raise(gate.worstNs, lateNs);
    uint64_t limit = gate.dropLaterNs;
    bool tooLate = limit != GST_CLOCK_TIME_NONE && lateNs > static_cast<int64_t>(limit);
    if (tooLate && inPart != 0) {
      gate.late++;
      return GST_PAD_PROBE_DROP;
    }
  }
  gate.passed++;
  if (gate.keyFrames && inGroup == 0) {
    // Without a running time, that is for the very next frame: encoders whose own times begin elsewhere (x264enc: at 1000
    // hours) take one that is given for a repetition of an earlier request.
    gst_pad_push_event(pad, gst_video_event_new_downstream_force_key_unit(GST_BUFFER_PTS(buffer), GST_CLOCK_TIME_NONE,
                                                                          GST_CLOCK_TIME_NONE, FALSE, 0));
  }
  return GST_PAD_PROBE_OK;
}

uint64_t countField(const Napi::Object& options, const char* name) {
  Napi::Value value = options.Get(name);
  double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0;
  if (!(number >= 1 && number < 9e15) || number != std::floor(number)) {
    fail(options.Env(), "bad-value", std::string(name) + " counts from 1 up");
  }
  return static_cast<uint64_t>(number);
}

uint64_t frameArg(const Napi::CallbackInfo& info) {
  double number = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number < 9e15)) fail(info.Env(), "bad-value", "a frame counts from 0 up");
  return static_cast<uint64_t>(number);
}

Napi::Value gateFrames(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto pad = std::make_shared<Held<GstPad>>(padArg(info, 0));
  if (!GST_PAD_IS_SRC(pad->get())) fail(env, "bad-type", "a source pad was expected");
  Napi::Object options = info[1].As<Napi::Object>();
  auto gate = std::make_shared<Gate>();
  gate->frameNs = countField(options, "frameNs");
  gate->groupFrames = countField(options, "groupFrames");
  gate->partFrames = countField(options, "partFrames");
  gate->keyFrames = options.Get("keyFrames").ToBoolean().Value();
  gulong probe = gst_pad_add_probe(pad->get(), GST_PAD_PROBE_TYPE_BUFFER, onFrame, new std::shared_ptr<Gate>(gate),
                                   [](gpointer data) { delete static_cast<std::shared_ptr<Gate>*>(data); });
  auto turn = [gate](bool open) {
    return [gate, open](const Napi::CallbackInfo& call) {
      uint64_t frame = frameArg(call);
      std::lock_guard<std::mutex> lock(gate->mutex);
      gate->turns.emplace_back(frame, open);
    };
  };
  Napi::Object result = Napi::Object::New(env);
  result.Set("close", Napi::Function::New(env, turn(false)));
  result.Set("open", Napi::Function::New(env, turn(true)));
  result.Set("keepEvery", Napi::Function::New(env, [gate](const Napi::CallbackInfo& call) {
    uint64_t every = frameArg(call);
    if (every < 1) fail(call.Env(), "bad-value", "every counts from 1 up");
    gate->every = every;
  }));
  result.Set("dropLater", Napi::Function::New(env, [gate](const Napi::CallbackInfo& call) { gate->dropLaterNs = timeArg(call, 0); }));
  result.Set("read", Napi::Function::New(env, [gate](const Napi::CallbackInfo& call) -> Napi::Value {
    Napi::Object counts = Napi::Object::New(call.Env());
    auto set = [&](const char* name, uint64_t value) { counts.Set(name, Napi::Number::New(call.Env(), static_cast<double>(value))); };
    set("passed", gate->passed);
    set("droppedLate", gate->late);
    set("leftOut", gate->left);
    set("newestFrame", gate->newest);
    int64_t worst = gate->worstNs.exchange(INT64_MIN);
    counts.Set("worstLateNs", worst == INT64_MIN ? call.Env().Null() : Napi::Value(Napi::Number::New(call.Env(), static_cast<double>(worst))));
    return counts;
  }));
  result.Set("remove", Napi::Function::New(env, [pad, probe](const Napi::CallbackInfo&) mutable {
    if (pad == nullptr) return;
    gst_pad_remove_probe(pad->get(), probe);
    pad.reset();
  }));
  return result;
}

}  // namespace

void exportGates(Napi::Env env, Napi::Object exports) { define<gateFrames>(exports, "gateFrames"); }
