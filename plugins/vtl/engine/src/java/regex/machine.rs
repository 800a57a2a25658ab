//! Runs a program by backtracking, as Java does: the first way that leads to a match is the match.
//!
//! What is left to try stands on a stack of its own, so that no text can exhaust the native one; it is bounded, and
//! every instruction takes a step.

use super::node::{Greed, One};
use super::program::{Program, Step};
use super::text::Input;
use crate::bounds::{Bounds, Exceeded};

/// Choices and changes that one match may hold.
const FRAMES: usize = 1 << 18;
/// Instructions between two looks at the bounds.
const BATCH: usize = 256;
/// A register that holds nothing.
const UNSET: usize = usize::MAX;

/// What to do when the way that was taken fails.
#[derive(Debug, Clone, Copy)]
enum Frame {
    /// Go on at another instruction.
    Branch { at: usize, position: usize },
    /// Take a change back.
    Restore { register: usize, value: usize },
    /// Give back one of the characters that the repetition before `at` took.
    Less {
        at: usize,
        least: usize,
        position: usize,
    },
    /// Take one more character in the repetition at `at`.
    More { at: usize, left: u32, position: usize },
    /// Try the look-behind at `at` from one character further back.
    Further { at: usize, left: usize, position: usize },
}

#[derive(Debug)]
pub(super) struct Machine<'a> {
    program: &'a Program,
    input: Input<'a>,
    registers: Vec<usize>,
    frames: Vec<Frame>,
    steps: usize,
    /// Where the last match ended, for `\G`.
    last: usize,
    /// Whether the match must reach the end of the text.
    whole: bool,
}

/// What an instruction leads to.
enum Next {
    Go(usize),
    Fail,
    Done,
}

impl<'a> Machine<'a> {
    pub(super) fn new(program: &'a Program, text: &'a str, whole: bool) -> Self {
        Self {
            program,
            input: Input::new(text),
            registers: Vec::new(),
            frames: Vec::new(),
            steps: 0,
            last: 0,
            whole,
        }
    }

    /// The first match that starts at `start` or later.
    pub(super) fn find(&mut self, start: usize, last: usize, bounds: &mut Bounds) -> Result<bool, Exceeded> {
        self.last = last;
        self.clear();
        let mut position = start;
        loop {
            let next = self.input.after(position);
            let possible = self.program.first.is_none_or(|first| match next {
                Some(c) if c.is_ascii() => first.ascii >> u32::from(c) & 1 == 1,
                Some(_) => first.beyond,
                None => false,
            });
            if possible && self.run(position, bounds)? {
                return Ok(true);
            }
            self.step(bounds)?;
            match next {
                Some(c) => position += c.len_utf8(),
                None => {
                    bounds.steps(std::mem::take(&mut self.steps))?;
                    return Ok(false);
                }
            }
        }
    }

    /// Whether all of the text is a match.
    pub(super) fn matches(&mut self, bounds: &mut Bounds) -> Result<bool, Exceeded> {
        self.clear();
        self.run(0, bounds)
    }

    /// Forgets the groups of the last match. What a failed try at one place leaves in them stays for the next place.
    fn clear(&mut self) {
        self.registers.clear();
        self.registers.resize(self.program.registers, UNSET);
    }

    /// Whether there is a match at `start`; the registers hold the groups then.
    fn run(&mut self, start: usize, bounds: &mut Bounds) -> Result<bool, Exceeded> {
        self.frames.clear();
        let (mut at, mut position) = (0, start);
        loop {
            self.step(bounds)?;
            let next = match self.execute(at, &mut position, bounds)? {
                Next::Fail => self.backtrack(&mut position),
                next => next,
            };
            match next {
                Next::Go(to) => at = to,
                Next::Fail => return Ok(false),
                Next::Done => {
                    bounds.steps(std::mem::take(&mut self.steps))?;
                    self.assign(0, start);
                    self.assign(1, position);
                    return Ok(true);
                }
            }
        }
    }

    pub(super) fn group(&self, number: usize) -> Option<(usize, usize)> {
        if number >= self.program.groups {
            return None;
        }
        let start = *self.registers.get(number * 2)?;
        let end = *self.registers.get(number * 2 + 1)?;
        (start != UNSET && end != UNSET).then_some((start, end))
    }

    #[inline]
    fn step(&mut self, bounds: &mut Bounds) -> Result<(), Exceeded> {
        self.steps += 1;
        if self.steps >= BATCH {
            bounds.steps(std::mem::take(&mut self.steps))?;
        }
        Ok(())
    }

    fn register(&self, register: usize) -> usize {
        self.registers.get(register).copied().unwrap_or(UNSET)
    }

    fn assign(&mut self, register: usize, value: usize) {
        if let Some(slot) = self.registers.get_mut(register) {
            *slot = value;
        }
    }

    /// Changes a register for as long as this way is taken.
    fn change(&mut self, register: usize, value: usize) -> Result<(), Exceeded> {
        let old = self.register(register);
        self.push(Frame::Restore { register, value: old })?;
        self.assign(register, value);
        Ok(())
    }

    #[inline]
    fn push(&mut self, frame: Frame) -> Result<(), Exceeded> {
        if self.frames.len() >= FRAMES {
            return Err(Exceeded::Steps);
        }
        self.frames.push(frame);
        Ok(())
    }

    fn execute(&mut self, at: usize, position: &mut usize, bounds: &mut Bounds) -> Result<Next, Exceeded> {
        let program = self.program;
        let Some(step) = program.steps.get(at) else {
            return Ok(Next::Fail);
        };
        let here = *position;
        Ok(match step {
            Step::Match if self.whole && here != self.input.len() => Next::Fail,
            Step::Match => Next::Done,
            Step::Fail => Next::Fail,
            Step::One(one) => match self.input.after(here) {
                Some(c) if one.matches(c) => {
                    *position = here + c.len_utf8();
                    Next::Go(at + 1)
                }
                _ => Next::Fail,
            },
            Step::Assert(assertion) if self.input.holds(*assertion, here, self.last) => Next::Go(at + 1),
            Step::Assert(_) => Next::Fail,
            Step::Jump(to) => Next::Go(*to),
            Step::Split(other) => {
                self.push(Frame::Branch {
                    at: *other,
                    position: here,
                })?;
                Next::Go(at + 1)
            }
            Step::SplitLast(first) => {
                self.push(Frame::Branch {
                    at: at + 1,
                    position: here,
                })?;
                Next::Go(*first)
            }
            Step::Open(register) => {
                self.change(*register, here)?;
                Next::Go(at + 1)
            }
            Step::Close { group, start } => {
                let start = self.register(*start);
                self.change(group * 2, start)?;
                self.change(group * 2 + 1, here)?;
                Next::Go(at + 1)
            }
            Step::Repeat { one, min, max, greed } => {
                self.repeat(at, one, (*min, *max), *greed, position, bounds)?
            }
            Step::BackReference(group, fold) => {
                let end = self
                    .group(*group)
                    .and_then(|group| self.input.repeated(group, here, *fold));
                match end {
                    Some(end) => {
                        self.steps += end - here;
                        *position = end;
                        Next::Go(at + 1)
                    }
                    None => Next::Fail,
                }
            }
            Step::LoopStart(register) => {
                self.change(*register, 0)?;
                self.change(register + 1, UNSET)?;
                Next::Go(at + 1)
            }
            Step::Loop {
                register,
                min,
                max,
                strict,
                lazy,
                exit,
            } => {
                let empty = self.register(register + 1) == here;
                if empty && *strict && self.register(*register) > usize::try_from(*min).unwrap_or(usize::MAX)
                {
                    Next::Fail
                } else {
                    self.turn(at, (*register, *exit), (*min, *max), *lazy, here)?
                }
            }
            Step::LoopEnter(register) => {
                self.change(*register, self.register(*register).saturating_add(1))?;
                self.change(register + 1, here)?;
                Next::Go(at + 1)
            }
            Step::Barrier(register) => {
                self.barrier(*register, here)?;
                Next::Go(at + 1)
            }
            Step::Commit { register, rewind } => {
                // Java forgets how to undo what the groups inside captured, too.
                self.frames.truncate(self.register(*register));
                if *rewind {
                    *position = self.register(register + 1);
                }
                Next::Go(at + 1)
            }
            Step::Behind {
                register,
                min,
                max,
                negative,
            } => {
                self.barrier(*register, here)?;
                if let Some(exit) = negative {
                    self.push(Frame::Branch {
                        at: *exit,
                        position: here,
                    })?;
                }
                self.behind(at, here, (*min, *max), position, bounds)?
            }
            Step::BehindEnd(register) if self.register(register + 1) == here => Next::Go(at + 1),
            Step::BehindEnd(_) => Next::Fail,
        })
    }

    fn barrier(&mut self, register: usize, here: usize) -> Result<(), Exceeded> {
        self.change(register + 1, here)?;
        // The change of this register is undone, too.
        let height = self.frames.len() + 1;
        self.change(register, height)
    }

    fn repeat(
        &mut self,
        at: usize,
        one: &One,
        (min, max): (u32, u32),
        greed: Greed,
        position: &mut usize,
        bounds: &mut Bounds,
    ) -> Result<Next, Exceeded> {
        let mut end = *position;
        let mut least = end;
        let mut count = 0;
        let wanted = if greed == Greed::Lazy { min } else { max };
        while count < wanted {
            match self.input.after(end) {
                Some(c) if one.matches(c) => end += c.len_utf8(),
                _ => break,
            }
            count += 1;
            if count == min {
                least = end;
            }
            self.step(bounds)?;
        }
        if count < min {
            return Ok(Next::Fail);
        }
        *position = end;
        match greed {
            Greed::Greedy if end > least => self.push(Frame::Less {
                at: at + 1,
                least,
                position: end,
            })?,
            Greed::Lazy if max > min => self.push(Frame::More {
                at,
                left: max - min,
                position: end,
            })?,
            _ => {}
        }
        Ok(Next::Go(at + 1))
    }

    fn turn(
        &mut self,
        at: usize,
        (register, exit): (usize, usize),
        (min, max): (u32, u32),
        lazy: bool,
        here: usize,
    ) -> Result<Next, Exceeded> {
        // A round that matched nothing ends the loop, however many are wanted.
        if self.register(register + 1) == here {
            return Ok(Next::Go(exit));
        }
        let count = u32::try_from(self.register(register)).unwrap_or(u32::MAX - 1);
        if count < min {
            return Ok(Next::Go(at + 1));
        }
        if count >= max {
            return Ok(Next::Go(exit));
        }
        let (first, second) = if lazy { (exit, at + 1) } else { (at + 1, exit) };
        self.push(Frame::Branch {
            at: second,
            position: here,
        })?;
        Ok(Next::Go(first))
    }

    /// Steps back to the nearest place where the look-behind can start.
    fn behind(
        &mut self,
        at: usize,
        here: usize,
        (min, max): (usize, usize),
        position: &mut usize,
        bounds: &mut Bounds,
    ) -> Result<Next, Exceeded> {
        let mut start = here;
        for _ in 0..min {
            if start == 0 {
                return Ok(Next::Fail);
            }
            start = self.input.back(start);
            self.step(bounds)?;
        }
        if max > min && start > 0 {
            self.push(Frame::Further {
                at,
                left: max - min,
                position: start,
            })?;
        }
        *position = start;
        Ok(Next::Go(at + 1))
    }

    fn backtrack(&mut self, position: &mut usize) -> Next {
        while let Some(frame) = self.frames.pop() {
            self.steps += 1;
            match frame {
                Frame::Restore { register, value } => self.assign(register, value),
                Frame::Branch { at, position: to } => {
                    *position = to;
                    return Next::Go(at);
                }
                Frame::Less {
                    at,
                    least,
                    position: from,
                } => {
                    let to = self.input.back(from);
                    if to > least {
                        self.frames.push(Frame::Less {
                            at,
                            least,
                            position: to,
                        });
                    }
                    *position = to;
                    return Next::Go(at);
                }
                Frame::More {
                    at,
                    left,
                    position: from,
                } => {
                    if let Some(to) = self.one_more(at, from) {
                        if left > 1 {
                            self.frames.push(Frame::More {
                                at,
                                left: left - 1,
                                position: to,
                            });
                        }
                        *position = to;
                        return Next::Go(at + 1);
                    }
                }
                Frame::Further {
                    at,
                    left,
                    position: from,
                } => {
                    let to = self.input.back(from);
                    if left > 1 && to > 0 {
                        self.frames.push(Frame::Further {
                            at,
                            left: left - 1,
                            position: to,
                        });
                    }
                    *position = to;
                    return Next::Go(at + 1);
                }
            }
        }
        Next::Fail
    }

    fn one_more(&self, at: usize, position: usize) -> Option<usize> {
        let Some(Step::Repeat { one, .. }) = self.program.steps.get(at) else {
            return None;
        };
        self.input
            .after(position)
            .filter(|c| one.matches(*c))
            .map(|c| position + c.len_utf8())
    }
}
