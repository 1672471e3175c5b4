// A CPU in the place of a device: the primitives of device.h, with their meaning and without their speed. It checks
// index arithmetic, fragment layouts, barriers and the order of shared memory; it knows nothing of timing.
#pragma once

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda.h"
#include "fibres.h"
#include "known.h"
#include "shadow.h"
#include "memory.h"
#include "copies.h"
#include "matrices.h"
#include "phases.h"
#include "tiles.h"
#include "products.h"
#include "launch.h"
