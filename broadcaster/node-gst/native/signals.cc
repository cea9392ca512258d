#include <vector>

#include "value.h"

namespace {

struct Connection {
  std::shared_ptr<Dispatcher> dispatcher;
  uint64_t callback = 0;
  HeldValue returns;
};

// A GClosure that only carries its arguments over to the JavaScript thread.
struct Closure {
  GClosure closure;
  std::shared_ptr<Connection>* connection;
};

void marshal(GClosure* closure, GValue* result, guint count, const GValue* args, gpointer, gpointer) {
  auto connection = *reinterpret_cast<Closure*>(closure)->connection;
  if (result != nullptr && G_IS_VALUE(connection->returns.get())) g_value_copy(connection->returns.get(), result);
  auto copies = std::make_shared<std::vector<HeldValue>>(count > 0 ? count - 1 : 0);
  for (guint i = 1; i < count; i++) (*copies)[i - 1].copy(&args[i]);
  connection->dispatcher->post([connection, copies](Napi::Env env) {
    Napi::Array list = Napi::Array::New(env, copies->size());
    for (size_t i = 0; i < copies->size(); i++) {
      Napi::Value js = toJs(env, (*copies)[i].get());
      list.Set(i, js.IsEmpty() ? env.Null() : js);
    }
    connection->dispatcher->call(env, connection->callback, {list});
  });
}

struct Signal {
  guint id = 0;
  GQuark detail = 0;
  GSignalQuery query = {};
};

Signal findSignal(Napi::Env env, GObject* object, const std::string& name) {
  Signal signal;
  if (!g_signal_parse_name(name.c_str(), G_OBJECT_TYPE(object), &signal.id, &signal.detail, TRUE)) {
    fail(env, "no-signal", std::string(G_OBJECT_TYPE_NAME(object)) + " has no signal '" + name + "'");
  }
  g_signal_query(signal.id, &signal.query);
  return signal;
}

GType plain(GType type) { return type & ~G_SIGNAL_TYPE_STATIC_SCOPE; }

Napi::Value connect(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  GObject* object = objectArg(info, 0);
  std::string name = stringArg(info, 1);
  Napi::Function callback = functionArg(info, 2);
  Signal signal = findSignal(env, object, name);
  auto connection = std::make_shared<Connection>();
  connection->dispatcher = dispatcherOf(env);
  GType returns = plain(signal.query.return_type);
  if (!isNullish(info, 3)) {
    if (returns == G_TYPE_NONE) fail(env, "bad-type", name + " returns nothing");
    g_value_init(connection->returns.get(), returns);
    fromJs(env, info[3], connection->returns.get(), nullptr, "what " + name + " returns");
  }
  connection->callback = connection->dispatcher->keep(callback);

  GClosure* closure = g_closure_new_simple(sizeof(Closure), nullptr);
  reinterpret_cast<Closure*>(closure)->connection = new std::shared_ptr<Connection>(connection);
  g_closure_add_finalize_notifier(closure, nullptr, [](gpointer, GClosure* dying) {
    delete reinterpret_cast<Closure*>(dying)->connection;
  });
  g_closure_set_marshal(closure, marshal);
  gulong id = g_signal_connect_closure_by_id(object, signal.id, signal.detail, closure, FALSE);

  auto held = std::make_shared<Held<GObject>>(object);
  return Napi::Function::New(env, [id, held, connection](const Napi::CallbackInfo& call) mutable {
    if (held == nullptr) return;
    if (g_signal_handler_is_connected(held->get(), id)) g_signal_handler_disconnect(held->get(), id);
    connection->dispatcher->forget(connection->callback);
    held.reset();
  });
}

Napi::Value emit(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  GObject* object = objectArg(info, 0);
  std::string name = stringArg(info, 1);
  Signal signal = findSignal(env, object, name);
  if ((signal.query.signal_flags & G_SIGNAL_ACTION) == 0) fail(env, "no-signal", name + " is not an action");
  if (name == "pull-sample" || name == "pull-preroll" || name == "try-pull-sample" || name == "try-pull-preroll") {
    fail(env, "would-block", name + " waits for data: use attachSink");
  }
  Napi::Array args = info[2].As<Napi::Array>();
  if (args.Length() != signal.query.n_params) {
    fail(env, "bad-type", name + " takes " + std::to_string(signal.query.n_params) + " arguments");
  }
  std::vector<GValue> values(signal.query.n_params + 1, GValue(G_VALUE_INIT));
  struct Unset {
    std::vector<GValue>& values;
    ~Unset() {
      for (GValue& value : values) {
        if (G_IS_VALUE(&value)) g_value_unset(&value);
      }
    }
  } unset{values};
  g_value_init(&values[0], G_OBJECT_TYPE(object));
  g_value_set_object(&values[0], object);
  for (guint i = 0; i < signal.query.n_params; i++) {
    g_value_init(&values[i + 1], plain(signal.query.param_types[i]));
    fromJs(env, args.Get(i), &values[i + 1], nullptr, name + "'s argument " + std::to_string(i + 1));
  }
  GType type = plain(signal.query.return_type);
  if (type == G_TYPE_NONE) {
    g_signal_emitv(values.data(), signal.id, signal.detail, nullptr);
    return env.Null();
  }
  HeldValue result(type);
  g_signal_emitv(values.data(), signal.id, signal.detail, result.get());
  Napi::Value js = toJs(env, result.get());
  return js.IsEmpty() ? env.Null() : js;
}

}  // namespace

void exportSignals(Napi::Env env, Napi::Object exports) {
  define<connect>(exports, "connect");
  define<emit>(exports, "emit");
}
