#include "common.h"

namespace {

Napi::Value factoryName(const Napi::CallbackInfo& info) {
  GstElementFactory* factory = gst_element_get_factory(elementArg(info, 0));
  // Bins made by a parse have no factory of their own; their type says what they are.
  if (factory == nullptr) return Napi::String::New(info.Env(), G_OBJECT_TYPE_NAME(objectArg(info, 0)));
  return Napi::String::New(info.Env(), objectName(factory));
}

Napi::Value getPad(const Napi::CallbackInfo& info) {
  return adoptHandle(info.Env(), gst_element_get_static_pad(elementArg(info, 0), stringArg(info, 1).c_str()));
}

Napi::Value pads(const Napi::CallbackInfo& info) {
  GstElement* element = elementArg(info, 0);
  Napi::Array list = Napi::Array::New(info.Env());
  GST_OBJECT_LOCK(element);
  GList* copies = g_list_copy_deep(
      element->pads, [](gconstpointer pad, gpointer) { return g_object_ref(const_cast<gpointer>(pad)); }, nullptr);
  GST_OBJECT_UNLOCK(element);
  for (GList* pad = copies; pad != nullptr; pad = pad->next) list.Set(list.Length(), adoptHandle(info.Env(), pad->data));
  g_list_free(copies);
  return list;
}

Napi::Value requestPad(const Napi::CallbackInfo& info) {
  GstElement* element = elementArg(info, 0);
  std::string name = stringArg(info, 1);
  GstPad* pad = gst_element_request_pad_simple(element, name.c_str());
  if (pad == nullptr) fail(info.Env(), "no-pad", objectName(element) + " gives no pad for '" + name + "'");
  return adoptHandle(info.Env(), pad);
}

Napi::Value releasePad(const Napi::CallbackInfo& info) {
  GstElement* element = elementArg(info, 0);
  GstPad* pad = padArg(info, 1);
  GstPadTemplate* made = GST_PAD_PAD_TEMPLATE(pad);
  if (GST_OBJECT_PARENT(pad) != GST_OBJECT(element) || made == nullptr ||
      GST_PAD_TEMPLATE_PRESENCE(made) != GST_PAD_REQUEST) {
    fail(info.Env(), "no-pad", objectName(pad) + " is no requested pad of " + objectName(element));
  }
  gst_element_release_request_pad(element, pad);
  return info.Env().Undefined();
}

Napi::Value link(const Napi::CallbackInfo& info) {
  GstElement* element = elementArg(info, 0);
  GstElement* other = elementArg(info, 1);
  GstCaps* caps = nullptr;
  if (!isNullish(info, 2)) {
    std::string text = stringArg(info, 2);
    caps = gst_caps_from_string(text.c_str());
    if (caps == nullptr) fail(info.Env(), "parse", "'" + text + "' is no caps");
  }
  // Linking elements without a common parent is a programming error to GStreamer; here it is a no.
  bool siblings = GST_OBJECT_PARENT(element) != nullptr && GST_OBJECT_PARENT(element) == GST_OBJECT_PARENT(other);
  bool linked = siblings && gst_element_link_filtered(element, other, caps);
  if (caps != nullptr) gst_caps_unref(caps);
  return Napi::Boolean::New(info.Env(), linked);
}

Napi::Value unlink(const Napi::CallbackInfo& info) {
  gst_element_unlink(elementArg(info, 0), elementArg(info, 1));
  return info.Env().Undefined();
}

Napi::Value position(const Napi::CallbackInfo& info) {
  gint64 at = -1;
  if (!gst_element_query_position(elementArg(info, 0), GST_FORMAT_TIME, &at) || at < 0) return info.Env().Null();
  return Napi::Number::New(info.Env(), static_cast<double>(at));
}

GstEvent* makeEvent(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[1].IsObject()) fail(env, "bad-type", "an event was expected");
  Napi::Object event = info[1].As<Napi::Object>();
  Napi::Value type = event.Get("type");
  std::string name = type.IsString() ? type.As<Napi::String>().Utf8Value() : "";
  if (name == "eos") return gst_event_new_eos();
  if (name == "flush-start") return gst_event_new_flush_start();
  if (name == "flush-stop") {
    Napi::Value reset = event.Get("resetTime");
    return gst_event_new_flush_stop(!reset.IsBoolean() || reset.As<Napi::Boolean>().Value());
  }
  if (name == "reconfigure") return gst_event_new_reconfigure();
  if (name == "custom-upstream" || name == "custom-downstream") {
    Napi::Value text = event.Get("structure");
    if (!text.IsString()) fail(env, "bad-type", "a custom event needs a structure");
    GstStructure* structure = gst_structure_from_string(text.As<Napi::String>().Utf8Value().c_str(), nullptr);
    if (structure == nullptr) fail(env, "parse", "the event's structure does not parse");
    return gst_event_new_custom(name == "custom-upstream" ? GST_EVENT_CUSTOM_UPSTREAM : GST_EVENT_CUSTOM_DOWNSTREAM,
                                structure);
  }
  fail(env, "bad-value", "there is no event '" + name + "'");
}

// Into a pad where the event comes from outside of it, out of it otherwise.
bool sendToPad(GstPad* pad, GstEvent* event) {
  bool into = GST_PAD_IS_SRC(pad) ? GST_EVENT_IS_UPSTREAM(event) : GST_EVENT_IS_DOWNSTREAM(event);
  return into ? gst_pad_send_event(pad, event) : gst_pad_push_event(pad, event);
}

Napi::Value sendEvent(const Napi::CallbackInfo& info) {
  GObject* object = objectArg(info, 0);
  if (!GST_IS_PAD(object) && !GST_IS_ELEMENT(object)) fail(info.Env(), "bad-type", "only elements and pads take events");
  GstEvent* event = makeEvent(info);
  Held<GObject> held(object);
  return runAside(info.Env(), [held, event] {
    Outcome outcome;
    outcome.isFlag = true;
    outcome.flag = GST_IS_PAD(held.get()) ? sendToPad(GST_PAD(held.get()), event)
                                          : gst_element_send_event(GST_ELEMENT(held.get()), event);
    return outcome;
  });
}

}  // namespace

void exportElements(Napi::Env env, Napi::Object exports) {
  define<factoryName>(exports, "factoryName");
  define<getPad>(exports, "getPad");
  define<pads>(exports, "pads");
  define<requestPad>(exports, "requestPad");
  define<releasePad>(exports, "releasePad");
  define<link>(exports, "link");
  define<unlink>(exports, "unlink");
  define<position>(exports, "position");
  define<sendEvent>(exports, "sendEvent");
}
