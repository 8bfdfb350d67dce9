"""Drones, their models, batteries and cameras."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera seen as a pinhole.

    Attributes
    ----------
    id, name
        The key in the camera table and what people call it.
    sensor_width_mm, sensor_height_mm
        The sensor's active size; the width lies across the flight direction.
    focal_length_mm
        The real focal length, not the 35 mm equivalent.
    image_width_px, image_height_px
        Pixels of a full picture.
    min_interval_s
        Shortest time between two pictures.
    source
        Where the figures come from, with doubts named.
    """

    id: str
    name: str
    sensor_width_mm: float
    sensor_height_mm: float
    focal_length_mm: float
    image_width_px: int
    image_height_px: int
    min_interval_s: float
    source: str

    def footprint_width_m(self, height_m: float) -> float:
        """Width on flat ground of a picture taken straight down (pinhole: height x sensor / focal length)."""
        return height_m * self.sensor_width_mm / self.focal_length_mm

    def footprint_length_m(self, height_m: float) -> float:
        """Length along the flight direction on flat ground of a picture taken straight down."""
        return height_m * self.sensor_height_mm / self.focal_length_mm

    def ground_sampling_distance_m(self, height_m: float) -> float:
        """Ground covered by one pixel, straight down."""
        return self.footprint_width_m(height_m) / self.image_width_px

    def height_for_sampling_m(self, ground_sampling_distance_m: float) -> float:
        """Height above ground at which one pixel covers the given distance."""
        footprint_m = ground_sampling_distance_m * self.image_width_px
        return footprint_m * self.focal_length_mm / self.sensor_width_mm


@dataclass(frozen=True, slots=True)
class Battery:
    """Energy on board and what flight draws from it.

    Attributes
    ----------
    capacity_wh
        Usable energy from full to empty.
    hover_power_w, cruise_power_w, climb_power_w
        Electrical power hovering, at cruise speed, and climbing at the model's climb rate.
    assumed
        True where the powers were derived from a quoted endurance and not measured.
    """

    capacity_wh: float
    hover_power_w: float
    cruise_power_w: float
    climb_power_w: float
    assumed: bool

    @property
    def hover_endurance_s(self) -> float:
        """Seconds of hover from full to empty."""
        return self.capacity_wh * 3600.0 / self.hover_power_w


@dataclass(frozen=True, slots=True)
class DroneModel:
    """What one type of drone can do.

    Attributes
    ----------
    id, name
        The key in the drone table and what people call it.
    cruise_speed_mps, max_speed_mps
        Ground speed flown on legs in still air, and the most the airframe makes.
    climb_mps, descent_mps
        Vertical speeds, both positive.
    acceleration_mps2
        Horizontal acceleration on legs.
    wind_limit_mps
        Strongest wind at flying height.
    battery
        Energy and powers.
    cameras
        Ids of the cameras it carries, the first one is used unless a task says otherwise.
    source
        Where the figures come from, with doubts named.
    """

    id: str
    name: str
    cruise_speed_mps: float
    max_speed_mps: float
    climb_mps: float
    descent_mps: float
    acceleration_mps2: float
    wind_limit_mps: float
    battery: Battery
    cameras: tuple[Camera, ...]
    source: str

    def camera(self, camera_id: str | None) -> Camera:
        """Return the named camera, or the first; `KeyError` if it carries no such camera."""
        if camera_id is None:
            return self.cameras[0]
        for camera in self.cameras:
            if camera.id == camera_id:
                return camera
        raise KeyError(camera_id)


@dataclass(frozen=True, slots=True)
class Drone:
    """One aircraft at a station."""

    id: str
    model: DroneModel
    station_id: str
