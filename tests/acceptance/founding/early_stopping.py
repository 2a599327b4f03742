"""A loop that stops when nothing improves any more (page on systems, exercise 1)."""

from pitwall import ExperimentTracker

tracker = ExperimentTracker("simulator_session")
tracker.start_run(run_name="wing_sweep")
for step in range(100):
    tracker.log_metric("lap_time", 90.0 - min(step, 20) * 0.1, step=step)
    if tracker.should_stop("lap_time", patience=10):
        break
tracker.end_run()

assert step == 30  # the best lap was number 20, and ten more were no faster
