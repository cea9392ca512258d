// Brings work from GStreamer's threads to the JavaScript thread, in order, and refuses it quietly once
// the environment is being torn down.
#pragma once
#include <napi.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

class Dispatcher : public std::enable_shared_from_this<Dispatcher> {
 public:
  using Task = std::function<void(Napi::Env)>;

  void open(Napi::Env env);
  // JavaScript thread, from the environment's cleanup hook: nothing is called after it.
  void close();

  // Any thread. False when the environment is gone; the task is then dropped.
  bool post(Task task);
  bool isOpen();

  // JavaScript thread: while an operation is under way the event loop stays alive.
  void begin();
  void end();

  // JavaScript thread. Functions stay here, threads carry only their ids: a napi reference must never
  // be released on another thread.
  uint64_t keep(Napi::Function callback);
  void forget(uint64_t id);
  // Calls it if it is still kept. What it throws becomes an uncaught exception.
  void call(Napi::Env env, uint64_t id, const std::vector<napi_value>& args);

 private:
  static void onWake(napi_env env, napi_value, void* context, void* data);
  void drain(Napi::Env env);

  std::mutex mutex_;
  std::deque<Task> tasks_;
  bool open_ = false;
  bool awake_ = false;
  napi_threadsafe_function wake_ = nullptr;
  napi_env env_ = nullptr;
  int underWay_ = 0;
  uint64_t nextId_ = 1;
  std::unordered_map<uint64_t, Napi::FunctionReference> callbacks_;
};
