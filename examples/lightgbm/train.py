"""Train a regression of how diabetes goes on and save it where lightgbm.yaml looks for it."""

from pathlib import Path

from lightgbm import LGBMRegressor
from sklearn.datasets import load_diabetes

X, y = load_diabetes(return_X_y=True, as_frame=True)
model = LGBMRegressor(n_estimators=50, verbose=-1).fit(X, y)

file = Path(__file__).parent / "model" / "model.txt"
file.parent.mkdir(exist_ok=True)
model.booster_.save_model(file)
print(f"wrote {file}: {model.score(X, y):.1%} of the variance of {len(X)} patients explained")
