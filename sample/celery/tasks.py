"""An ordinary Celery application: nothing in it knows of Taskscope."""

import os
import random
import time

from celery import Celery

app = Celery(
    "tasks",
    broker=os.environ.get("BROKER_URL", "amqp://guest:guest@localhost:5672//"),
    backend=os.environ.get("RESULT_BACKEND", "redis://localhost:6379/1"),
)
app.conf.update(
    broker_connection_retry_on_startup=True,
    task_send_sent_event=True,
    task_track_started=True,
    result_expires=3600,
    beat_schedule={
        "thumbnails": {"task": "tasks.thumbnail", "schedule": 2.0, "args": (640,)},
        "invoices": {"task": "tasks.send_invoice", "schedule": 5.0},
        "training": {"task": "tasks.train_model", "schedule": 15.0},
        "reports": {"task": "tasks.report", "schedule": 20.0, "options": {"countdown": 10}},
    },
)


@app.task
def thumbnail(width):
    time.sleep(random.uniform(0.05, 0.5))
    return {"width": width}


@app.task(bind=True, max_retries=3)
def send_invoice(self):
    time.sleep(random.uniform(0.1, 0.3))
    chance = random.random()
    if chance < 0.1:
        raise ValueError("the customer has no address")
    if chance < 0.3:
        raise self.retry(exc=ConnectionError("the mail server is busy"), countdown=2**self.request.retries)


@app.task
def train_model():
    """Its result feeds the training metrics."""
    started = time.monotonic()
    samples, features = random.choice([200, 1000, 5000]), 12
    total = sum(random.random() * weight for weight in range(features) for _ in range(samples))
    return {
        "model_type": "linear",
        "task_type": "regression",
        "status": "success",
        "training_time": time.monotonic() - started,
        "train_samples": samples,
        "n_features": features,
        "score": total / samples,
    }


@app.task(soft_time_limit=3)
def report():
    time.sleep(random.uniform(0.5, 4))
