// GValues to JavaScript and back.
#pragma once
#include "common.h"

// A GValue that cleans up after itself; may be made on any thread.
class HeldValue {
 public:
  HeldValue() = default;
  explicit HeldValue(GType type) { g_value_init(&value_, type); }
  HeldValue(const HeldValue& other) { copy(&other.value_); }
  HeldValue(HeldValue&& other) noexcept : value_(other.value_) { other.value_ = G_VALUE_INIT; }
  HeldValue& operator=(const HeldValue&) = delete;
  ~HeldValue() {
    if (G_IS_VALUE(&value_)) g_value_unset(&value_);
  }
  void copy(const GValue* from) {
    if (!G_IS_VALUE(from)) return;
    g_value_init(&value_, G_VALUE_TYPE(from));
    g_value_copy(from, &value_);
  }
  GValue* get() { return &value_; }
  const GValue* get() const { return &value_; }

 private:
  GValue value_ = G_VALUE_INIT;
};

// Undefined (an empty Value) when there is no JavaScript form. Objects become handles.
Napi::Value toJs(Napi::Env env, const GValue* value);
// Structures and lists as plain data; null when there is no form.
Napi::Value toField(Napi::Env env, const GValue* value);
Napi::Value structureFields(Napi::Env env, const GstStructure* structure);
// Fills an initialised GValue; throws `bad-type` or `bad-value`. `spec` gives the range, and may be null.
void fromJs(Napi::Env env, Napi::Value js, GValue* value, GParamSpec* spec, const std::string& what);
