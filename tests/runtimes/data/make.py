"""Writes models made by the scikit-learn that runs this script, for the tests of models made elsewhere.

Run it once per version, each in a virtual environment of its own:

    python3.11 -m venv old && old/bin/pip install "scikit-learn==1.2.2" "numpy<2" && old/bin/python make.py

The committed files come from 1.2.2 (with "numpy<2") and from 1.5.2. Two are written otherwise than joblib does by
itself, so that every way of reading is tried: ``forest`` is compressed, ``logistic`` is pickle protocol 2.
"""

import pickle
from pathlib import Path

import joblib
import sklearn
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

X, y = load_iris(return_X_y=True)
logistic = LogisticRegression(max_iter=1000).fit(X, y)
forest = RandomForestClassifier(n_estimators=2, max_depth=2, random_state=0).fit(X, y)
imputed = make_pipeline(SimpleImputer(), LogisticRegression(max_iter=1000)).fit(X, y)
boosted = GradientBoostingClassifier(n_estimators=1, max_depth=1).fit(X, y)

here = Path(__file__).parent
(here / f"logistic-{sklearn.__version__}.pkl").write_bytes(pickle.dumps(logistic, protocol=2))
joblib.dump(forest, here / f"forest-{sklearn.__version__}.joblib", compress=("zlib", 3))
joblib.dump(imputed, here / f"imputed-{sklearn.__version__}.joblib")
joblib.dump(boosted, here / f"boosted-{sklearn.__version__}.joblib")
