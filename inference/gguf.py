"""stub"""
from pathlib import Path
from inference.vocabulary import Vocabulary
def read_vocabulary(path: Path) -> Vocabulary: raise NotImplementedError
