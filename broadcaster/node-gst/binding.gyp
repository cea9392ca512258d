{
  "targets": [
    {
      "target_name": "node_gst",
      "sources": [
        "native/addon.cc",
        "native/app.cc",
        "native/bin.cc",
        "native/crash.cc",
        "native/dispatcher.cc",
        "native/element.cc",
        "native/gate.cc",
        "native/handle.cc",
        "native/log.cc",
        "native/pad.cc",
        "native/pipeline.cc",
        "native/properties.cc",
        "native/remove.cc",
        "native/signals.cc",
        "native/state.cc",
        "native/value.cc"
      ],
      "include_dirs": [
        "<!(node -p \"require('node-addon-api').include_dir\")"
      ],
      "defines": [
        "NAPI_VERSION=9",
        "NODE_ADDON_API_CPP_EXCEPTIONS",
        "NODE_ADDON_API_CPP_EXCEPTIONS_ALL",
        "NODE_ADDON_API_DISABLE_DEPRECATED"
      ],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++20", "-std=gnu++17"],
      "cflags_cc": [
        "-std=c++17",
        "-fexceptions",
        "-Wall",
        "-Wextra",
        "-Wno-unused-parameter",
        "-Wno-cast-function-type",
        "<!@(pkg-config --cflags gstreamer-1.0 gstreamer-app-1.0 gstreamer-video-1.0 gstreamer-base-1.0)"
      ],
      "libraries": [
        "<!@(pkg-config --libs gstreamer-1.0 gstreamer-app-1.0 gstreamer-video-1.0 gstreamer-base-1.0)"
      ]
    },
    {
      "target_name": "confine",
      "type": "executable",
      "sources": ["native/confine.cc"],
      "cflags_cc": ["-std=c++17", "-Wall", "-Wextra"]
    }
  ]
}
