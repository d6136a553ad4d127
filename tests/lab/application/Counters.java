package shop;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** What became of the requests, and when the first one failed. Thread-safe. */
final class Counters {
    private final AtomicLong succeeded = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong withoutPort = new AtomicLong();
    private final AtomicReference<Instant> firstFailure = new AtomicReference<>();

    void succeeded() {
        succeeded.incrementAndGet();
    }

    void failed(Exception problem) {
        firstFailure.compareAndSet(null, Instant.now());
        failed.incrementAndGet();
        if (isWantOfPorts(problem)) {
            withoutPort.incrementAndGet();
        }
    }

    /** EADDRNOTAVAIL has no exception of its own, so the kernel's words tell it. */
    private static boolean isWantOfPorts(Throwable problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains("Cannot assign requested address")) {
                return true;
            }
        }
        return false;
    }

    /** One a line: name and value. The time is in milliseconds since 1970, and missing while nothing has failed. */
    String text() {
        Instant first = firstFailure.get();
        return "succeeded " + succeeded + "\n"
                + "failed " + failed + "\n"
                + "without_port " + withoutPort + "\n"
                + (first == null ? "" : "first_failure_ms " + first.toEpochMilli() + "\n");
    }
}
