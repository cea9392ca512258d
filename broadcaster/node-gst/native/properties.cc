#include "value.h"

namespace {

// A property of an object, or of its child by `child::property`.
struct Property {
  Held<GObject> object;
  GParamSpec* spec;
  std::string what;  // for messages
};

Property find(const Napi::CallbackInfo& info) {
  GObject* object = objectArg(info, 0);
  std::string name = stringArg(info, 1);
  std::string what = objectName(object) + "." + name;
  if (name.find("::") != std::string::npos && GST_IS_CHILD_PROXY(object)) {
    GObject* child = nullptr;
    GParamSpec* spec = nullptr;
    if (gst_child_proxy_lookup(GST_CHILD_PROXY(object), name.c_str(), &child, &spec)) {
      return {Held<GObject>::adopt(child), spec, what};
    }
  } else if (GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(object), name.c_str())) {
    return {Held<GObject>(object), spec, what};
  }
  fail(info.Env(), "no-property", std::string(G_OBJECT_TYPE_NAME(object)) + " has no property '" + name + "'");
}

HeldValue read(Napi::Env env, const Property& property) {
  if ((property.spec->flags & G_PARAM_READABLE) == 0) fail(env, "not-readable", property.what + " cannot be read");
  HeldValue value(property.spec->value_type);
  g_object_get_property(property.object.get(), property.spec->name, value.get());
  return value;
}

Napi::Value get(const Napi::CallbackInfo& info) {
  Property property = find(info);
  HeldValue value = read(info.Env(), property);
  Napi::Value js = toJs(info.Env(), value.get());
  if (js.IsEmpty() || isHandle(js)) {
    fail(info.Env(), "bad-type", property.what + " is a " + G_VALUE_TYPE_NAME(value.get()) + ", not a plain value");
  }
  return js;
}

Napi::Value getFields(const Napi::CallbackInfo& info) {
  Property property = find(info);
  HeldValue value = read(info.Env(), property);
  if (!GST_VALUE_HOLDS_STRUCTURE(value.get())) fail(info.Env(), "bad-type", property.what + " is not a structure");
  return toField(info.Env(), value.get());
}

Napi::Value getObject(const Napi::CallbackInfo& info) {
  Property property = find(info);
  HeldValue value = read(info.Env(), property);
  if (!G_VALUE_HOLDS_OBJECT(value.get())) fail(info.Env(), "bad-type", property.what + " is not an object");
  return toJs(info.Env(), value.get());
}

Napi::Value set(const Napi::CallbackInfo& info) {
  Property property = find(info);
  if ((property.spec->flags & G_PARAM_WRITABLE) == 0 || (property.spec->flags & G_PARAM_CONSTRUCT_ONLY) != 0) {
    fail(info.Env(), "not-writable", property.what + " cannot be written");
  }
  HeldValue value(property.spec->value_type);
  GParamSpec* target = g_param_spec_get_redirect_target(property.spec);
  fromJs(info.Env(), info[2], value.get(), target != nullptr ? target : property.spec, property.what);
  g_object_set_property(property.object.get(), property.spec->name, value.get());
  return info.Env().Undefined();
}

}  // namespace

void exportProperties(Napi::Env env, Napi::Object exports) {
  define<get>(exports, "get");
  define<getFields>(exports, "getFields");
  define<getObject>(exports, "getObject");
  define<set>(exports, "set");
}
