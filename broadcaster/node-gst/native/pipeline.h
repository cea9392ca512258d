// What a pipeline carries besides GStreamer's own: its bus, made into JavaScript calls.
#pragma once
#include <atomic>
#include <deque>
#include <mutex>

#include "common.h"

struct Bus {
  std::shared_ptr<Dispatcher> dispatcher;
  std::atomic<uint64_t> callback{0};  // 0: nobody listens
  std::atomic<bool> autoLatency{true};
  std::atomic<bool> latencyUnderWay{false};

  std::mutex mutex;
  std::deque<GstMessage*> waiting;
  bool scheduled = false;
  uint64_t errors = 0;
  std::deque<std::string> lastErrors;  // the newest few, newest last

  ~Bus();
};

// The bus of the pipeline that an element is in; null outside of one.
std::shared_ptr<Bus> busOf(GstElement* element);
// Marks a bin that is being removed: what it still posts is not of interest any more.
void muteBus(GstElement* bin);
