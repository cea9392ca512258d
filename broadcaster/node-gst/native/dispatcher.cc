#include "dispatcher.h"

void Dispatcher::open(Napi::Env env) {
  napi_value name = Napi::String::New(env, "node-gst");
  auto* self = new std::shared_ptr<Dispatcher>(shared_from_this());
  napi_status status = napi_create_threadsafe_function(
      env, nullptr, nullptr, name, 0, 1, self,
      [](napi_env, void* data, void*) { delete static_cast<std::shared_ptr<Dispatcher>*>(data); }, self, onWake,
      &wake_);
  if (status != napi_ok) {
    delete self;
    throw Napi::Error::New(env, "cannot create a thread-safe function");
  }
  napi_unref_threadsafe_function(env, wake_);
  env_ = env;
  open_ = true;
}

void Dispatcher::close() {
  std::deque<Task> dropped;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!open_) return;
    open_ = false;
    dropped.swap(tasks_);
    napi_release_threadsafe_function(wake_, napi_tsfn_abort);
    wake_ = nullptr;
  }
  callbacks_.clear();
}

bool Dispatcher::post(Task task) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!open_) return false;
  tasks_.push_back(std::move(task));
  if (!awake_) {
    awake_ = true;
    napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
  }
  return true;
}

bool Dispatcher::isOpen() {
  std::lock_guard<std::mutex> lock(mutex_);
  return open_;
}

void Dispatcher::begin() {
  if (underWay_++ == 0 && open_) napi_ref_threadsafe_function(env_, wake_);
}

void Dispatcher::end() {
  if (--underWay_ == 0 && open_) napi_unref_threadsafe_function(env_, wake_);
}

uint64_t Dispatcher::keep(Napi::Function callback) {
  uint64_t id = nextId_++;
  callbacks_.emplace(id, Napi::Persistent(callback));
  return id;
}

void Dispatcher::forget(uint64_t id) { callbacks_.erase(id); }

void Dispatcher::call(Napi::Env env, uint64_t id, const std::vector<napi_value>& args) {
  auto found = callbacks_.find(id);
  if (found == callbacks_.end()) return;
  try {
    found->second.Value().Call(args);
  } catch (const Napi::Error& error) {
    napi_fatal_exception(env, error.Value());
  }
}

void Dispatcher::onWake(napi_env env, napi_value, void* context, void*) {
  if (env == nullptr) return;  // being torn down
  auto self = *static_cast<std::shared_ptr<Dispatcher>*>(context);
  self->drain(Napi::Env(env));
}

void Dispatcher::drain(Napi::Env env) {
  std::deque<Task> tasks;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    tasks.swap(tasks_);
    awake_ = false;
  }
  for (auto& task : tasks) {
    Napi::HandleScope scope(env);
    try {
      task(env);
    } catch (const Napi::Error& error) {
      napi_fatal_exception(env, error.Value());
    } catch (const std::exception& error) {
      napi_fatal_exception(env, Napi::Error::New(env, error.what()).Value());
    }
    if (!open_) return;
  }
}
