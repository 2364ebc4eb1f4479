/** What a call tells while it works. */

import { read } from './names.js'

/** How far a run is. Every number only grows, and none is ever more than the truth. */
export interface Progress {
  /** Records read from the source, bad ones included. */
  readonly read: number
  /** Records in finished parts. */
  readonly packed: number
  /** Bytes of finished parts. */
  readonly packedBytes: number
  /** Bytes handed to the network, counted once also when a part is sent again. */
  readonly sentBytes: number
  /** Records in parts that storage has accepted. */
  readonly sent: number
  /** Records the service has confirmed. */
  readonly confirmed: number
  /** Records refused, by us or by the service. */
  readonly rejected: number
}

/** The run has a name. */
export interface StartedEvent {
  readonly type: 'started'
  /** The run's name. */
  readonly runId: string
}

/** A part is finished and waits to be sent. */
export interface PackedEvent {
  readonly type: 'packed'
  /** Number of the part, from 0. */
  readonly part: number
  /** Its records. */
  readonly records: number
  /** Its size in bytes. */
  readonly size: number
  /** Its MD5 in hex. */
  readonly md5: string
}

/** The service has a location for a part. */
export interface AllocatedEvent {
  readonly type: 'allocated'
  /** Number of the part, from 0. */
  readonly part: number
  /** The batch. */
  readonly ref: string
}

/** Storage has accepted a part. */
export interface UploadedEvent {
  readonly type: 'uploaded'
  /** Number of the part, from 0. */
  readonly part: number
  /** The batch. */
  readonly ref: string
}

/** The service says a batch is in another state. */
export interface StatusEvent {
  readonly type: 'status'
  /** The batch. */
  readonly ref: string
  /** Its state before, if one was known. */
  readonly from: string | null
  /** Its state now. */
  readonly to: string
}

/** A request failed and is tried again after a pause. */
export interface RetryEvent {
  readonly type: 'retry'
  /** What was tried. */
  readonly stage: string
  /** The batch, if it was about one. */
  readonly ref: string | null
  /** Tries so far. */
  readonly attempt: number
  /** The pause in milliseconds. */
  readonly delayMs: number
  /** Why it failed: the code of an error. */
  readonly code: string
}

/** Numbers moved. */
export interface ProgressEvent extends Progress {
  readonly type: 'progress'
}

/** The call is over; the last event. */
export interface DoneEvent extends Progress {
  readonly type: 'done'
}

/** One thing that happened; `type` says which. */
export type Event =
  StartedEvent | PackedEvent | AllocatedEvent | UploadedEvent | StatusEvent | RetryEvent | ProgressEvent | DoneEvent

/** The events in this JSON. */
export function eventsOf(json: string): Event[] {
  return read<Event[]>(json)
}

/** Who is told. */
export interface Listeners {
  /** Called with each event, one after the other. What it throws stops the call. */
  onEvent?: ((event: Event) => void) | undefined
  /** Called with the numbers each time they moved. What it throws stops the call. */
  onProgress?: ((progress: Progress) => void) | undefined
}

/** One function for both; none if nobody listens. */
export function listener({ onEvent, onProgress }: Listeners): ((event: Event) => void) | undefined {
  if (!onEvent && !onProgress) {
    return undefined
  }
  return event => {
    onEvent?.(event)
    if (onProgress && (event.type === 'progress' || event.type === 'done')) {
      const { type: _, ...progress } = event
      onProgress(progress)
    }
  }
}
