#include "value.h"

#include <cmath>
#include <limits>

namespace {

constexpr double kSafe = 9007199254740991.0;

Napi::Value signedValue(Napi::Env env, gint64 number) {
  if (std::abs(static_cast<double>(number)) <= kSafe) return Napi::Number::New(env, static_cast<double>(number));
  return Napi::BigInt::New(env, static_cast<int64_t>(number));
}

Napi::Value unsignedValue(Napi::Env env, guint64 number) {
  if (static_cast<double>(number) <= kSafe) return Napi::Number::New(env, static_cast<double>(number));
  return Napi::BigInt::New(env, static_cast<uint64_t>(number));
}

Napi::Value textValue(Napi::Env env, const gchar* text) {
  if (text == nullptr) return env.Null();
  // A property may hold any bytes; JavaScript gets valid UTF-8.
  if (g_utf8_validate(text, -1, nullptr)) return Napi::String::New(env, text);
  return Napi::String::New(env, takeString(g_utf8_make_valid(text, -1)));
}

Napi::Value flagsText(Napi::Env env, const GValue* value) {
  auto* flags = G_FLAGS_CLASS(g_type_class_ref(G_VALUE_TYPE(value)));
  guint rest = g_value_get_flags(value);
  std::string text;
  for (guint i = 0; i < flags->n_values; i++) {
    const GFlagsValue& flag = flags->values[i];
    if (flag.value == 0 || (rest & flag.value) != flag.value) continue;
    text += (text.empty() ? "" : "+") + std::string(flag.value_nick);
    rest &= ~flag.value;
  }
  if (text.empty()) {
    const GFlagsValue* none = rest == 0 ? g_flags_get_first_value(flags, 0) : nullptr;
    text = none != nullptr && none->value == 0 ? none->value_nick : std::to_string(rest);
  }
  g_type_class_unref(flags);
  return Napi::String::New(env, text);
}

Napi::Value enumText(Napi::Env env, const GValue* value) {
  auto* klass = G_ENUM_CLASS(g_type_class_ref(G_VALUE_TYPE(value)));
  const GEnumValue* found = g_enum_get_value(klass, g_value_get_enum(value));
  Napi::Value result = found != nullptr ? Napi::Value(Napi::String::New(env, found->value_nick))
                                        : Napi::Value(Napi::Number::New(env, g_value_get_enum(value)));
  g_type_class_unref(klass);
  return result;
}

[[noreturn]] void badType(Napi::Env env, const std::string& what, const char* wanted) {
  fail(env, "bad-type", what + " takes " + wanted);
}

[[noreturn]] void outOfRange(Napi::Env env, const std::string& what, const std::string& low, const std::string& high) {
  fail(env, "bad-value", what + " takes " + low + " to " + high);
}

gint64 signedFromJs(Napi::Env env, Napi::Value js, const std::string& what, gint64 low, gint64 high) {
  gint64 number = 0;
  bool inside = true;
  if (js.IsBigInt()) {
    number = js.As<Napi::BigInt>().Int64Value(&inside);
  } else if (js.IsNumber()) {
    double given = js.As<Napi::Number>().DoubleValue();
    if (std::trunc(given) != given) fail(env, "bad-value", what + " takes a whole number");
    inside = std::abs(given) <= 9.2e18;
    if (inside) number = static_cast<gint64>(given);
  } else {
    badType(env, what, "a number");
  }
  if (!inside || number < low || number > high) outOfRange(env, what, std::to_string(low), std::to_string(high));
  return number;
}

guint64 unsignedFromJs(Napi::Env env, Napi::Value js, const std::string& what, guint64 low, guint64 high) {
  guint64 number = 0;
  bool inside = true;
  if (js.IsBigInt()) {
    number = js.As<Napi::BigInt>().Uint64Value(&inside);
  } else if (js.IsNumber()) {
    double given = js.As<Napi::Number>().DoubleValue();
    if (std::trunc(given) != given) fail(env, "bad-value", what + " takes a whole number");
    inside = given >= 0 && given <= 1.8e19;
    if (inside) number = static_cast<guint64>(given);
  } else {
    badType(env, what, "a number");
  }
  if (!inside || number < low || number > high) outOfRange(env, what, std::to_string(low), std::to_string(high));
  return number;
}

double realFromJs(Napi::Env env, Napi::Value js, const std::string& what, double low, double high) {
  if (!js.IsNumber()) badType(env, what, "a number");
  double number = js.As<Napi::Number>().DoubleValue();
  if (!(number >= low && number <= high)) outOfRange(env, what, std::to_string(low), std::to_string(high));
  return number;
}

// The range a param spec of that kind gives, or the type's own.
#define RANGE(KIND, spec, low, high) \
  (G_IS_PARAM_SPEC_##KIND(spec) ? G_PARAM_SPEC_##KIND(spec)->minimum : (low)), \
      (G_IS_PARAM_SPEC_##KIND(spec) ? G_PARAM_SPEC_##KIND(spec)->maximum : (high))

void enumFromJs(Napi::Env env, Napi::Value js, GValue* value, const std::string& what) {
  auto* klass = G_ENUM_CLASS(g_type_class_ref(G_VALUE_TYPE(value)));
  const GEnumValue* found = nullptr;
  std::string given;
  if (js.IsString()) {
    given = js.As<Napi::String>().Utf8Value();
    found = g_enum_get_value_by_nick(klass, given.c_str());
    if (found == nullptr) found = g_enum_get_value_by_name(klass, given.c_str());
  } else if (js.IsNumber()) {
    given = std::to_string(js.As<Napi::Number>().Int32Value());
    found = g_enum_get_value(klass, js.As<Napi::Number>().Int32Value());
  }
  std::string nicks;
  for (guint i = 0; i < klass->n_values; i++) nicks += (i == 0 ? "" : ", ") + std::string(klass->values[i].value_nick);
  if (found != nullptr) g_value_set_enum(value, found->value);
  g_type_class_unref(klass);
  if (!js.IsString() && !js.IsNumber()) badType(env, what, "a nick or a number");
  if (found == nullptr) fail(env, "bad-value", what + " has no value '" + given + "', only: " + nicks);
}

void flagsFromJs(Napi::Env env, Napi::Value js, GValue* value, const std::string& what) {
  if (js.IsNumber()) {
    g_value_set_flags(value, js.As<Napi::Number>().Uint32Value());
    return;
  }
  if (!js.IsString()) badType(env, what, "nicks joined by + or a number");
  std::string given = js.As<Napi::String>().Utf8Value();
  auto* klass = G_FLAGS_CLASS(g_type_class_ref(G_VALUE_TYPE(value)));
  guint flags = 0;
  std::string unknown;
  gchar** nicks = g_strsplit(given.c_str(), "+", -1);
  for (gchar** nick = nicks; *nick != nullptr; nick++) {
    if (**nick == '\0') continue;
    const GFlagsValue* found = g_flags_get_value_by_nick(klass, *nick);
    if (found == nullptr) found = g_flags_get_value_by_name(klass, *nick);
    if (found == nullptr) {
      unknown = *nick;
    } else {
      flags |= found->value;
    }
  }
  g_strfreev(nicks);
  g_type_class_unref(klass);
  if (!unknown.empty()) fail(env, "bad-value", what + " has no flag '" + unknown + "'");
  g_value_set_flags(value, flags);
}

void objectFromJs(Napi::Env env, Napi::Value js, GValue* value, const std::string& what) {
  if (js.IsNull()) {
    g_value_set_object(value, nullptr);
    return;
  }
  if (!isHandle(js)) badType(env, what, G_VALUE_TYPE_NAME(value));
  GObject* object = handleObject(js);
  if (object == nullptr) fail(env, "closed", "the object is closed");
  if (!g_type_is_a(G_OBJECT_TYPE(object), G_VALUE_TYPE(value))) badType(env, what, G_VALUE_TYPE_NAME(value));
  g_value_set_object(value, object);
}

void boxedFromJs(Napi::Env env, Napi::Value js, GValue* value, const std::string& what) {
  if (js.IsNull() && G_TYPE_FUNDAMENTAL(G_VALUE_TYPE(value)) == G_TYPE_BOXED) {
    g_value_set_boxed(value, nullptr);
    return;
  }
  if (!js.IsString()) badType(env, what, (std::string("the string form of ") + G_VALUE_TYPE_NAME(value)).c_str());
  std::string text = js.As<Napi::String>().Utf8Value();
  bool done = false;
  if (G_VALUE_TYPE(value) == GST_TYPE_CAPS) {
    GstCaps* caps = gst_caps_from_string(text.c_str());
    done = caps != nullptr;
    if (done) g_value_take_boxed(value, caps);
  } else if (G_VALUE_TYPE(value) == GST_TYPE_STRUCTURE) {
    GstStructure* structure = gst_structure_from_string(text.c_str(), nullptr);
    done = structure != nullptr;
    if (done) g_value_take_boxed(value, structure);
  } else {
    done = gst_value_deserialize(value, text.c_str());
  }
  if (!done) fail(env, "bad-value", what + ": '" + text + "' is no " + G_VALUE_TYPE_NAME(value));
}

}  // namespace

Napi::Value toJs(Napi::Env env, const GValue* value) {
  switch (G_TYPE_FUNDAMENTAL(G_VALUE_TYPE(value))) {
    case G_TYPE_BOOLEAN:
      return Napi::Boolean::New(env, g_value_get_boolean(value));
    case G_TYPE_CHAR:
      return Napi::Number::New(env, g_value_get_schar(value));
    case G_TYPE_UCHAR:
      return Napi::Number::New(env, g_value_get_uchar(value));
    case G_TYPE_INT:
      return Napi::Number::New(env, g_value_get_int(value));
    case G_TYPE_UINT:
      return Napi::Number::New(env, g_value_get_uint(value));
    case G_TYPE_LONG:
      return signedValue(env, g_value_get_long(value));
    case G_TYPE_ULONG:
      return unsignedValue(env, g_value_get_ulong(value));
    case G_TYPE_INT64:
      return signedValue(env, g_value_get_int64(value));
    case G_TYPE_UINT64:
      return unsignedValue(env, g_value_get_uint64(value));
    case G_TYPE_FLOAT:
      return Napi::Number::New(env, g_value_get_float(value));
    case G_TYPE_DOUBLE:
      return Napi::Number::New(env, g_value_get_double(value));
    case G_TYPE_STRING:
      return textValue(env, g_value_get_string(value));
    case G_TYPE_ENUM:
      return enumText(env, value);
    case G_TYPE_FLAGS:
      return flagsText(env, value);
    case G_TYPE_OBJECT:
    case G_TYPE_INTERFACE: {
      auto* object = static_cast<GObject*>(g_value_get_object(value));
      return object == nullptr ? env.Null() : newHandle(env, object);
    }
    case G_TYPE_PARAM: {
      GParamSpec* spec = g_value_get_param(value);
      return spec == nullptr ? env.Null() : textValue(env, g_param_spec_get_name(spec));
    }
    case G_TYPE_BOXED:
      if (g_value_get_boxed(value) == nullptr) return env.Null();
      break;
    case G_TYPE_POINTER:
    case G_TYPE_NONE:
      return Napi::Value();
    default:
      break;
  }
  if (G_VALUE_TYPE(value) == GST_TYPE_BUFFER || G_VALUE_TYPE(value) == GST_TYPE_SAMPLE) return Napi::Value();
  if (GST_VALUE_HOLDS_CAPS(value)) {
    return Napi::String::New(env, takeString(gst_caps_to_string(gst_value_get_caps(value))));
  }
  if (GST_VALUE_HOLDS_STRUCTURE(value)) {
    return Napi::String::New(env, takeString(gst_structure_to_string(gst_value_get_structure(value))));
  }
  gchar* text = gst_value_serialize(value);
  if (text == nullptr) return Napi::Value();
  Napi::Value result = textValue(env, text);
  g_free(text);
  return result;
}

Napi::Value structureFields(Napi::Env env, const GstStructure* structure) {
  Napi::Object fields = Napi::Object::New(env);
  for (gint i = 0; i < gst_structure_n_fields(structure); i++) {
    const gchar* name = gst_structure_nth_field_name(structure, i);
    fields.Set(name, toField(env, gst_structure_get_value(structure, name)));
  }
  return fields;
}

Napi::Value toField(Napi::Env env, const GValue* value) {
  if (GST_VALUE_HOLDS_STRUCTURE(value)) {
    const GstStructure* structure = gst_value_get_structure(value);
    return structure == nullptr ? env.Null() : structureFields(env, structure);
  }
  bool isList = GST_VALUE_HOLDS_LIST(value);
  if (isList || GST_VALUE_HOLDS_ARRAY(value)) {
    guint size = isList ? gst_value_list_get_size(value) : gst_value_array_get_size(value);
    Napi::Array items = Napi::Array::New(env, size);
    for (guint i = 0; i < size; i++) {
      items.Set(i, toField(env, isList ? gst_value_list_get_value(value, i) : gst_value_array_get_value(value, i)));
    }
    return items;
  }
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  if (G_VALUE_TYPE(value) == g_value_array_get_type()) {  // rtpsession's source-stats, level's rms
    auto* array = static_cast<GValueArray*>(g_value_get_boxed(value));
    Napi::Array items = Napi::Array::New(env, array == nullptr ? 0 : array->n_values);
    for (guint i = 0; array != nullptr && i < array->n_values; i++) items.Set(i, toField(env, array->values + i));
    return items;
  }
  G_GNUC_END_IGNORE_DEPRECATIONS
  GType fundamental = G_TYPE_FUNDAMENTAL(G_VALUE_TYPE(value));
  if (fundamental == G_TYPE_OBJECT || fundamental == G_TYPE_INTERFACE) {
    gpointer object = g_value_get_object(value);
    return object == nullptr ? env.Null() : Napi::Value(Napi::String::New(env, objectName(object)));
  }
  Napi::Value js = toJs(env, value);
  return js.IsEmpty() ? env.Null() : js;
}

void fromJs(Napi::Env env, Napi::Value js, GValue* value, GParamSpec* spec, const std::string& what) {
  switch (G_TYPE_FUNDAMENTAL(G_VALUE_TYPE(value))) {
    case G_TYPE_BOOLEAN:
      if (!js.IsBoolean()) badType(env, what, "true or false");
      g_value_set_boolean(value, js.As<Napi::Boolean>().Value());
      return;
    case G_TYPE_CHAR:
      g_value_set_schar(value, signedFromJs(env, js, what, RANGE(CHAR, spec, G_MININT8, G_MAXINT8)));
      return;
    case G_TYPE_UCHAR:
      g_value_set_uchar(value, unsignedFromJs(env, js, what, RANGE(UCHAR, spec, 0, G_MAXUINT8)));
      return;
    case G_TYPE_INT:
      g_value_set_int(value, signedFromJs(env, js, what, RANGE(INT, spec, G_MININT, G_MAXINT)));
      return;
    case G_TYPE_UINT:
      g_value_set_uint(value, unsignedFromJs(env, js, what, RANGE(UINT, spec, 0, G_MAXUINT)));
      return;
    case G_TYPE_LONG:
      g_value_set_long(value, signedFromJs(env, js, what, RANGE(LONG, spec, G_MINLONG, G_MAXLONG)));
      return;
    case G_TYPE_ULONG:
      g_value_set_ulong(value, unsignedFromJs(env, js, what, RANGE(ULONG, spec, 0, G_MAXULONG)));
      return;
    case G_TYPE_INT64:
      g_value_set_int64(value, signedFromJs(env, js, what, RANGE(INT64, spec, G_MININT64, G_MAXINT64)));
      return;
    case G_TYPE_UINT64:
      g_value_set_uint64(value, unsignedFromJs(env, js, what, RANGE(UINT64, spec, 0, G_MAXUINT64)));
      return;
    case G_TYPE_FLOAT:
      g_value_set_float(value, realFromJs(env, js, what, RANGE(FLOAT, spec, -G_MAXFLOAT, G_MAXFLOAT)));
      return;
    case G_TYPE_DOUBLE:
      g_value_set_double(value, realFromJs(env, js, what, RANGE(DOUBLE, spec, -G_MAXDOUBLE, G_MAXDOUBLE)));
      return;
    case G_TYPE_STRING:
      if (!js.IsString() && !js.IsNull()) badType(env, what, "a string");
      g_value_set_string(value, js.IsNull() ? nullptr : js.As<Napi::String>().Utf8Value().c_str());
      return;
    case G_TYPE_ENUM:
      enumFromJs(env, js, value, what);
      return;
    case G_TYPE_FLAGS:
      flagsFromJs(env, js, value, what);
      return;
    case G_TYPE_OBJECT:
    case G_TYPE_INTERFACE:
      objectFromJs(env, js, value, what);
      return;
    case G_TYPE_POINTER:
      badType(env, what, "a pointer, which JavaScript cannot give");
    default:
      boxedFromJs(env, js, value, what);
  }
}
