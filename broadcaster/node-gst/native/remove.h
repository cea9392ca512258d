#pragma once
#include "common.h"

// Takes a bin out of its running parent. Blocks for as long as the bin's threads need to stop: not for
// the JavaScript thread.
Outcome removeBin(GstBin* parent, GstElement* child, bool releasePeerPads);
