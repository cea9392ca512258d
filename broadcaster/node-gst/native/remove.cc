#include "remove.h"

#include <chrono>
#include <condition_variable>
#include <vector>

#include "pipeline.h"

namespace {

// How long an upstream neighbour may take to come back from a push into the bin.
constexpr auto kIdleWait = std::chrono::milliseconds(500);

struct Edge {
  Held<GstPad> own;
  Held<GstPad> peer;
  Held<GstPad> source;  // whichever of the two data leaves by
  gulong dropProbe;
};

GstPadProbeReturn dropAll(GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_DROP; }

// From here on what flows over the edge is dropped, and upstream hears OK: it must not learn NOT_LINKED,
// which a source turns into an error and a tee into the end of all its branches.
std::vector<Edge> cutEdges(GstElement* child) {
  std::vector<Edge> edges;
  GST_OBJECT_LOCK(child);
  std::vector<Held<GstPad>> pads;
  for (GList* pad = child->pads; pad != nullptr; pad = pad->next) pads.emplace_back(GST_PAD(pad->data));
  GST_OBJECT_UNLOCK(child);
  for (const auto& pad : pads) {
    auto peer = Held<GstPad>::adopt(gst_pad_get_peer(pad.get()));
    if (!peer) continue;
    Held<GstPad> source(GST_PAD_IS_SRC(pad.get()) ? pad.get() : peer.get());
    gulong probe = gst_pad_add_probe(source.get(),
                                     static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST |
                                                                  GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
                                     dropAll, nullptr, nullptr);
    edges.push_back({pad, peer, source, probe});
  }
  return edges;
}

struct Idle {
  std::mutex mutex;
  std::condition_variable changed;
  bool reached = false;
};

// Waits until no push over this pad is under way.
void waitIdle(GstPad* source) {
  auto idle = std::make_shared<Idle>();
  gulong probe = gst_pad_add_probe(
      source, GST_PAD_PROBE_TYPE_IDLE,
      [](GstPad*, GstPadProbeInfo*, gpointer data) {
        auto& idle = **static_cast<std::shared_ptr<Idle>*>(data);
        std::lock_guard<std::mutex> lock(idle.mutex);
        idle.reached = true;
        idle.changed.notify_all();
        return GST_PAD_PROBE_REMOVE;
      },
      new std::shared_ptr<Idle>(idle), [](gpointer data) { delete static_cast<std::shared_ptr<Idle>*>(data); });
  std::unique_lock<std::mutex> lock(idle->mutex);
  bool reached = idle->changed.wait_for(lock, kIdleWait, [&] { return idle->reached; });
  lock.unlock();
  if (!reached && probe != 0) gst_pad_remove_probe(source, probe);
}

bool isRequested(GstPad* pad) {
  GstPadTemplate* made = GST_PAD_PAD_TEMPLATE(pad);
  return made != nullptr && GST_PAD_TEMPLATE_PRESENCE(made) == GST_PAD_REQUEST;
}

void separate(const Edge& edge, bool releasePeerPads) {
  bool outward = edge.source.get() == edge.own.get();
  if (!outward) waitIdle(edge.source.get());
  gst_pad_unlink(edge.source.get(), outward ? edge.peer.get() : edge.own.get());
  if (releasePeerPads && isRequested(edge.peer.get())) {
    auto owner = Held<GstElement>::adopt(gst_pad_get_parent_element(edge.peer.get()));
    // Releasing also wakes a push of ours that waits in the peer (an aggregator's full pad).
    if (owner) gst_element_release_request_pad(owner.get(), edge.peer.get());
  } else if (!outward) {
    gst_pad_remove_probe(edge.source.get(), edge.dropProbe);  // the peer stays, and may be linked anew
  }
}

}  // namespace

Outcome removeBin(GstBin* parent, GstElement* child, bool releasePeerPads) {
  std::string name = objectName(child);
  muteBus(child);
  for (const Edge& edge : cutEdges(child)) separate(edge, releasePeerPads);
  gst_element_set_locked_state(child, TRUE);  // the parent's own changes of state must not start it again
  gst_element_set_state(child, GST_STATE_NULL);
  auto actual = Held<GstObject>::adopt(gst_object_get_parent(GST_OBJECT(child)));
  if (actual.get() != GST_OBJECT(parent) || !gst_bin_remove(parent, child)) {
    return {"remove-failed", name + " is not in " + objectName(parent)};
  }
  return {};
}
