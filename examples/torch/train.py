"""Train a network that reads digits and save it with torch.export where torch.yaml looks for it."""

from pathlib import Path

import torch
from sklearn.datasets import load_digits

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
images = torch.tensor(X / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)
digits = torch.tensor(y)

model = torch.nn.Sequential(
    torch.nn.Conv2d(1, 8, kernel_size=3),
    torch.nn.ReLU(),
    torch.nn.Flatten(),
    torch.nn.Linear(8 * 6 * 6, 10),
)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(60):
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(images), digits).backward()
    optimizer.step()

# A size that may change is named; without it, the program would take two images and no other number of them.
program = torch.export.export(model.eval(), (images[:2],), dynamic_shapes=({0: torch.export.Dim("batch")},))
file = Path(__file__).parent / "model" / "model.pt2"
file.parent.mkdir(exist_ok=True)
torch.export.save(program, file)
right = (model(images).argmax(dim=1) == digits).float().mean()
print(f"wrote {file}: {right:.1%} of the {len(images)} digits right")
