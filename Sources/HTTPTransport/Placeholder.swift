// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import NIOHTTP1
