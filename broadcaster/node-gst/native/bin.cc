#include "pipeline.h"
#include "remove.h"

namespace {

Napi::Value parseBin(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  GstBin* parent = binArg(info, 0);
  std::string description = stringArg(info, 1);
  GError* error = nullptr;
  GstElement* bin = gst_parse_bin_from_description_full(description.c_str(), TRUE, nullptr, GST_PARSE_FLAG_FATAL_ERRORS,
                                                        &error);
  if (error != nullptr) {
    std::string message = error->message;
    g_error_free(error);
    if (bin != nullptr) gst_object_unref(gst_object_ref_sink(bin));
    fail(env, "parse", message);
  }
  auto held = Held<GstElement>::adopt(GST_ELEMENT(gst_object_ref_sink(bin)));
  if (!isNullish(info, 2)) gst_object_set_name(GST_OBJECT(bin), stringArg(info, 2).c_str());
  auto taken = Held<GstElement>::adopt(gst_bin_get_by_name(parent, objectName(bin).c_str()));
  if ((taken && GST_OBJECT_PARENT(taken.get()) == GST_OBJECT(parent)) || !gst_bin_add(parent, bin)) {
    fail(env, "add-failed", objectName(parent) + " does not take a bin named " + objectName(bin));
  }
  return newHandle(env, bin);
}

Napi::Value binElement(const Napi::CallbackInfo& info) {
  return adoptHandle(info.Env(), gst_bin_get_by_name(binArg(info, 0), stringArg(info, 1).c_str()));
}

Napi::Value binElements(const Napi::CallbackInfo& info) {
  Napi::Array list = Napi::Array::New(info.Env());
  std::vector<GstElement*> found;
  GstIterator* iterator = gst_bin_iterate_recurse(binArg(info, 0));
  GValue item = G_VALUE_INIT;
  for (bool more = true; more;) {
    switch (gst_iterator_next(iterator, &item)) {
      case GST_ITERATOR_OK:
        found.push_back(GST_ELEMENT(g_value_dup_object(&item)));
        g_value_reset(&item);
        break;
      case GST_ITERATOR_RESYNC:
        for (GstElement* element : found) gst_object_unref(element);
        found.clear();
        gst_iterator_resync(iterator);
        break;
      default:
        more = false;
    }
  }
  if (G_IS_VALUE(&item)) g_value_unset(&item);
  gst_iterator_free(iterator);
  for (GstElement* element : found) list.Set(list.Length(), adoptHandle(info.Env(), element));
  return list;
}

Napi::Value binRemove(const Napi::CallbackInfo& info) {
  Held<GstBin> parent(binArg(info, 0));
  Held<GstElement> child(GST_ELEMENT(binArg(info, 1)));
  bool release = info[2].ToBoolean().Value();
  if (GST_OBJECT_PARENT(child.get()) != GST_OBJECT(parent.get())) {
    fail(info.Env(), "remove-failed", objectName(child.get()) + " is not in " + objectName(parent.get()));
  }
  return runAside(info.Env(), [parent, child, release] { return removeBin(parent.get(), child.get(), release); });
}

Napi::Value addGhostPad(const Napi::CallbackInfo& info) {
  GstBin* bin = binArg(info, 0);
  std::string name = stringArg(info, 1);
  GstPad* target = padArg(info, 2);
  auto taken = Held<GstPad>::adopt(gst_element_get_static_pad(GST_ELEMENT(bin), name.c_str()));
  if (taken) fail(info.Env(), "no-pad", objectName(bin) + " has a pad named " + name);
  if (gst_pad_is_linked(target)) fail(info.Env(), "no-pad", objectName(target) + " is linked");
  GstPad* ghost = gst_ghost_pad_new(name.c_str(), target);
  if (ghost == nullptr) fail(info.Env(), "no-pad", "no ghost of " + objectName(target));
  gst_pad_set_active(ghost, TRUE);
  if (!gst_element_add_pad(GST_ELEMENT(bin), ghost)) fail(info.Env(), "no-pad", objectName(bin) + " takes no pad " + name);
  return newHandle(info.Env(), ghost);
}

Napi::Value toDot(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), takeString(gst_debug_bin_to_dot_data(binArg(info, 0), GST_DEBUG_GRAPH_SHOW_ALL)));
}

}  // namespace

void exportBins(Napi::Env env, Napi::Object exports) {
  define<parseBin>(exports, "parseBin");
  define<binElement>(exports, "binElement");
  define<binElements>(exports, "binElements");
  define<binRemove>(exports, "binRemove");
  define<addGhostPad>(exports, "addGhostPad");
  define<toDot>(exports, "toDot");
}
